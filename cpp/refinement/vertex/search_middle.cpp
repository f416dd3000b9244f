#include "refinement/vertex/search_run.hpp"

namespace relutope {

template SearchResult run_search<4, 1>(const Problem&, SearchControl&, const SearchResult*);
template SearchResult run_search<5, 1>(const Problem&, SearchControl&, const SearchResult*);
template SearchResult run_search<6, 1>(const Problem&, SearchControl&, const SearchResult*);

}  // namespace relutope
