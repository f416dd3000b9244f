#include "refinement/vertex/search_run.hpp"

namespace relutope {

template SearchResult run_search<0, 1>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<0, 1>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);
template SearchResult run_search<0, 4>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<0, 4>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);
template SearchResult run_search<0, 64>(const Problem&, SearchControl&, const SearchResult*);
template TaskResult run_search_task<0, 64>(const Problem&, SearchControl&, const SearchTask*, std::uint64_t);

}  // namespace relutope
