#include "refinement/vertex/search_run.hpp"

namespace relutope {

template SearchResult run_search<4, 1>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<4, 1>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);
template SearchResult run_search<5, 1>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<5, 1>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);
template SearchResult run_search<6, 1>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<6, 1>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);

}  // namespace relutope
