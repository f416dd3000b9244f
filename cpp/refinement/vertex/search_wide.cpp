#include "refinement/vertex/search_run.hpp"

namespace relutope {

template SearchResult run_search<0, 1>(const Problem&, SearchControl&, const SearchResult*);
template SearchResult run_search<0, 4>(const Problem&, SearchControl&, const SearchResult*);
template SearchResult run_search<0, 64>(const Problem&, SearchControl&, const SearchResult*);

}  // namespace relutope
