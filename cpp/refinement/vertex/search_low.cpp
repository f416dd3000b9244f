#include "refinement/vertex/search_run.hpp"

namespace relutope {

template SearchResult run_search<1, 1>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<1, 1>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);
template SearchResult run_search<2, 1>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<2, 1>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);
template SearchResult run_search<3, 1>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<3, 1>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);

}  // namespace relutope
