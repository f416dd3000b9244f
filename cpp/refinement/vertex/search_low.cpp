#include "refinement/vertex/search_run.hpp"

namespace relutope {

template SearchResult run_search<1, 1>(const Problem&, SearchControl&, const SearchResult*);
template SearchResult run_search<2, 1>(const Problem&, SearchControl&, const SearchResult*);
template SearchResult run_search<3, 1>(const Problem&, SearchControl&, const SearchResult*);

}  // namespace relutope
