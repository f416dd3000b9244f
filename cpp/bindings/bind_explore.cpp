#include "bindings/bindings.hpp"
#include "bindings/search_call.hpp"
#include "network/input_checks.hpp"
#include "refinement/explore/explorer.hpp"

namespace relutope::bindings {

namespace {

std::vector<double> finite_vector(const DoubleArray& array, int size, const char* name) {
    if (array.ndim() != 1 || array.size() != size)
        throw std::invalid_argument(std::string(name) + " needs " + std::to_string(size) + " coordinates");
    std::vector<double> values(array.data(), array.data() + array.size());
    check_finite(values, name);
    return values;
}

// One thread at a time: any use while another is at work is an error, so that nobody waits for long or sees half of a step.
struct SharedExplorer {
    Explorer explorer;
    std::atomic<bool> busy{false};
    bool broken = false;
};

class Hold {
public:
    explicit Hold(SharedExplorer& shared) : shared_(shared) {
        if (shared.busy.exchange(true))
            throw Busy("the exploration is running in another thread; wait for its `run` to end, or take one exploration per thread");
        if (!shared.broken) return;
        shared.busy = false;
        throw Unusable("the exploration ran out of memory and may have lost cells; explore again with a smaller `max_cells`");
    }
    ~Hold() { shared_.busy = false; }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    Explorer& explorer() const { return shared_.explorer; }
    // What changes the explorer, which running out of memory half-way leaves of no use.
    template <class Work>
    auto change(Work&& work) const {
        try {
            return work();
        } catch (const std::bad_alloc&) {
            shared_.broken = true;
            throw;
        }
    }

private:
    SharedExplorer& shared_;
};

// A method of a held explorer as one of a shared one.
template <class Result, class... Arguments>
auto held(Result (*method)(const Explorer&, Arguments...)) {
    return [method](SharedExplorer& shared, Arguments... arguments) { return method(Hold(shared).explorer(), arguments...); };
}

std::unique_ptr<SharedExplorer> make_explorer(const Network& network, const DoubleArray& lower, const DoubleArray& upper,
                                        const DoubleArray& halfspaces, bool by_first_layer, const Network& whole,
                                        const DoubleArray& whole_lower, const DoubleArray& whole_upper,
                                        const DoubleArray& whole_halfspaces, const DoubleArray& origin, bool nearest) {
    if (network.num_neurons() == 0) throw std::invalid_argument("a network without hidden neurons has one cell");
    if (whole.num_neurons() != network.num_neurons()) throw std::invalid_argument("the networks have different neurons");
    Domain domain = make_domain(network, lower, upper, halfspaces);
    Domain whole_domain = make_domain(whole, whole_lower, whole_upper, whole_halfspaces);
    Explorer::Ruler ruler{whole, std::move(whole_domain), finite_vector(origin, whole.input_dimension(), "the origin")};
    return std::unique_ptr<SharedExplorer>(new SharedExplorer{
        Explorer(network, std::move(domain), by_first_layer, std::move(ruler), nearest ? Order::nearest : Order::breadth_first)});
}

bool start(SharedExplorer& shared, const py::array_t<std::uint8_t, py::array::c_style | py::array::forcecast>& pattern,
           const DoubleArray& point) {
    const Hold hold(shared);
    Explorer& explorer = hold.explorer();
    const int neurons = explorer.network().num_neurons();
    if (pattern.ndim() != 1 || pattern.size() != neurons) throw std::invalid_argument("a pattern needs a bit for each neuron");
    std::vector<std::uint64_t> bits(words_for(neurons));
    for (int i = 0; i < neurons; ++i)
        if (pattern.data()[i]) bits[i >> 6] |= std::uint64_t{1} << (i & 63);
    const std::vector<double> inside = finite_vector(point, explorer.dimension(), "the point");
    return hold.change([&] {
        return run_interruptibly(py::none(), [&](const SearchControl& control) { return explorer.start(bits, inside, control); });
    });
}

// Facets of all explored cells, one after the other.
py::dict facets_of(const Explorer& explorer) {
    std::vector<std::int64_t> begin{0}, neighbour, zero_begin{0};
    std::vector<HyperplaneId> neuron, zeros;
    for (std::size_t cell = 0; cell < explorer.cells().size(); ++cell) {
        const std::vector<CellFacet>& facets = explorer.cells()[cell].facets;
        for (std::size_t f = 0; f < facets.size(); ++f) {
            neuron.push_back(facets[f].neuron);
            neighbour.push_back(explorer.neighbour(static_cast<std::int64_t>(cell), f));
            zeros.insert(zeros.end(), facets[f].zeros.begin(), facets[f].zeros.end());
            zero_begin.push_back(static_cast<std::int64_t>(zeros.size()));
        }
        begin.push_back(static_cast<std::int64_t>(neuron.size()));
    }
    const auto copy = [](const auto& values) { return py::array(static_cast<py::ssize_t>(values.size()), values.data()); };
    py::dict result;
    result["begin"] = copy(begin);
    result["neuron"] = copy(neuron);
    result["neighbour"] = copy(neighbour);
    result["zero_begin"] = copy(zero_begin);
    result["zeros"] = copy(zeros);
    return result;
}

py::array_t<std::uint64_t> neighbour_patterns(const Explorer& explorer, std::int64_t cell) {
    if (cell < 0 || cell >= static_cast<std::int64_t>(explorer.cells().size())) throw py::index_error("there is no such cell");
    const std::vector<std::uint64_t>& patterns = explorer.cells()[cell].neighbours;
    const auto words = static_cast<py::ssize_t>(words_for(explorer.network().num_neurons()));
    py::array_t<std::uint64_t> result({static_cast<py::ssize_t>(patterns.size()) / words, words});
    std::copy(patterns.begin(), patterns.end(), result.mutable_data());
    return result;
}

py::array_t<std::uint64_t> patterns(const Explorer& explorer) {
    const auto words = static_cast<py::ssize_t>(words_for(explorer.network().num_neurons()));
    py::array_t<std::uint64_t> result({static_cast<py::ssize_t>(explorer.cells().size()), words});
    std::copy(explorer.patterns().begin(), explorer.patterns().end(), result.mutable_data());
    return result;
}

py::array_t<double> points(const Explorer& explorer) {
    py::array_t<double> result({static_cast<py::ssize_t>(explorer.cells().size()), py::ssize_t{explorer.dimension()}});
    double* target = result.mutable_data();
    for (const ExploredCell& cell : explorer.cells()) target = std::copy(cell.point.begin(), cell.point.end(), target);
    return result;
}

py::array_t<double> distances(const Explorer& explorer) {
    py::array_t<double> result(static_cast<py::ssize_t>(explorer.cells().size()));
    double* target = result.mutable_data();
    for (const ExploredCell& cell : explorer.cells()) *target++ = cell.distance;
    return result;
}

py::dict counts_of(const Explorer& explorer) {
    py::dict counts;
    add_programs(counts, explorer.programs());
    return counts;
}

template <class T>
py::array copied(const std::vector<T>& values, py::ssize_t columns = 0) {
    const auto size = static_cast<py::ssize_t>(values.size());
    if (columns == 0) return py::array(size, values.data());
    return py::array(py::dtype::of<T>(), std::vector<py::ssize_t>{size / columns, columns}, values.data());
}

// An explorer's state in flat arrays; `begin` arrays divide the ones after them.
py::dict state_of(const Explorer& explorer) {
    const ExplorerState state = explorer.state();
    const auto words = static_cast<py::ssize_t>(words_for(explorer.network().num_neurons()));
    std::vector<double> points, distances, crossings, door_distance;
    std::vector<std::int64_t> begin{0}, zero_begin{0}, crossing_begin{0}, door_cell;
    std::vector<HyperplaneId> neuron, zeros;
    std::vector<std::uint64_t> beyond, door_number;
    std::vector<std::uint8_t> door_exact;
    std::vector<std::int32_t> door_facet;
    for (const ExploredCell& cell : state.cells) {
        points.insert(points.end(), cell.point.begin(), cell.point.end());
        distances.push_back(cell.distance);
        beyond.insert(beyond.end(), cell.neighbours.begin(), cell.neighbours.end());
        for (const CellFacet& facet : cell.facets) {
            neuron.push_back(facet.neuron);
            zeros.insert(zeros.end(), facet.zeros.begin(), facet.zeros.end());
            zero_begin.push_back(static_cast<std::int64_t>(zeros.size()));
            crossings.insert(crossings.end(), facet.crossing.begin(), facet.crossing.end());
            crossing_begin.push_back(static_cast<std::int64_t>(crossings.size()));
        }
        begin.push_back(static_cast<std::int64_t>(neuron.size()));
    }
    for (const Door& door : state.doors) {
        door_distance.push_back(door.distance);
        door_exact.push_back(door.exact);
        door_number.push_back(door.number);
        door_cell.push_back(door.cell);
        door_facet.push_back(door.facet);
    }
    py::dict result;
    result["patterns"] = copied(state.patterns, words);
    result["points"] = copied(points, explorer.dimension());
    result["distances"] = copied(distances);
    result["facet_begin"] = copied(begin);
    result["facet_neuron"] = copied(neuron);
    result["facet_beyond"] = copied(beyond, words);
    result["zero_begin"] = copied(zero_begin);
    result["zeros"] = copied(zeros);
    result["crossing_begin"] = copied(crossing_begin);
    result["crossings"] = copied(crossings);
    result["door_distance"] = copied(door_distance);
    result["door_exact"] = copied(door_exact);
    result["door_number"] = copied(door_number);
    result["door_cell"] = copied(door_cell);
    result["door_facet"] = copied(door_facet);
    result["without_point"] = copied(state.without_point, words);
    return result;
}

std::vector<std::int64_t> divisions(const py::dict& arrays, const char* name, std::size_t parts, std::size_t total) {
    std::vector<std::int64_t> begin = state_array<std::int64_t>(arrays, name);
    const bool divides = begin.size() == parts + 1 && begin.front() == 0 && std::is_sorted(begin.begin(), begin.end()) &&
                         begin.back() == static_cast<std::int64_t>(total);
    if (!divides) throw std::invalid_argument(std::string(name) + " does not divide what it should");
    return begin;
}

ExplorerState state_from(const py::dict& arrays, const Explorer& explorer) {
    const auto words = static_cast<py::ssize_t>(words_for(explorer.network().num_neurons()));
    const py::ssize_t dimension = explorer.dimension();
    ExplorerState state{{}, state_array<std::uint64_t>(arrays, "patterns", words), {},
                        state_array<std::uint64_t>(arrays, "without_point", words)};
    const auto points = state_array<double>(arrays, "points", dimension), distances = state_array<double>(arrays, "distances");
    const auto neuron = state_array<HyperplaneId>(arrays, "facet_neuron"), zeros = state_array<HyperplaneId>(arrays, "zeros");
    const auto beyond = state_array<std::uint64_t>(arrays, "facet_beyond", words);
    const auto crossings = state_array<double>(arrays, "crossings");
    const std::size_t cells = distances.size(), facets = neuron.size();
    const auto begin = divisions(arrays, "facet_begin", cells, facets), zero_begin = divisions(arrays, "zero_begin", facets, zeros.size());
    const auto crossing_begin = divisions(arrays, "crossing_begin", facets, crossings.size());
    if (points.size() != cells * dimension || beyond.size() != facets * words)
        throw std::invalid_argument("points or facet_beyond have another length");
    for (std::size_t cell = 0; cell < cells; ++cell) {
        ExploredCell held{{points.data() + cell * dimension, points.data() + (cell + 1) * dimension}, {}, {}, distances[cell]};
        for (auto f = begin[cell]; f < begin[cell + 1]; ++f)
            held.facets.push_back({neuron[f],
                                   {zeros.data() + zero_begin[f], zeros.data() + zero_begin[f + 1]},
                                   {crossings.data() + crossing_begin[f], crossings.data() + crossing_begin[f + 1]}});
        held.neighbours.assign(beyond.data() + begin[cell] * words, beyond.data() + begin[cell + 1] * words);
        state.cells.push_back(std::move(held));
    }
    const auto distance = state_array<double>(arrays, "door_distance");
    const auto exact = state_array<std::uint8_t>(arrays, "door_exact");
    const auto number = state_array<std::uint64_t>(arrays, "door_number");
    const auto cell = state_array<std::int64_t>(arrays, "door_cell");
    const auto facet = state_array<std::int32_t>(arrays, "door_facet");
    const std::size_t doors = number.size();
    if (distance.size() != doors || exact.size() != doors || cell.size() != doors || facet.size() != doors)
        throw std::invalid_argument("the doors' arrays have different lengths");
    for (std::size_t k = 0; k < doors; ++k) state.doors.push_back({distance[k], exact[k] != 0, number[k], cell[k], facet[k]});
    return state;
}

void restore(SharedExplorer& shared, const py::dict& arrays) {
    const Hold hold(shared);
    Explorer& explorer = hold.explorer();
    if (!explorer.cells().empty()) throw std::invalid_argument("the exploration has begun");
    hold.change([&] {
        explorer.restore(state_from(arrays, explorer));
        return 0;
    });
}

std::vector<double> facet_distances(SharedExplorer& shared, std::int64_t cell) {
    const Hold hold(shared);
    if (cell < 0 || cell >= static_cast<std::int64_t>(hold.explorer().cells().size())) throw py::index_error("there is no such cell");
    return hold.change([&] { return hold.explorer().facet_distances(cell); });
}

std::uint64_t bytes(const Explorer& explorer) { return explorer.bytes(); }
std::size_t num_cells(const Explorer& explorer) { return explorer.cells().size(); }
auto num_waiting(const Explorer& explorer) { return explorer.num_waiting(); }
auto num_without_point(const Explorer& explorer) { return explorer.num_without_point(); }
bool exhausted(const Explorer& explorer) { return explorer.exhausted(); }

void run(SharedExplorer& shared, std::uint64_t max_cells, double radius, const py::object& report, std::optional<std::uint64_t> max_bytes) {
    const Hold hold(shared);
    hold.change([&] {
        return run_interruptibly(report, [&](SearchControl& control) {
            hold.explorer().run(max_cells, radius, control, memory_limit(max_bytes));
            return 0;
        });
    });
}

}  // namespace

void bind_explore(py::module_& module) {
    py::class_<SharedExplorer>(module, "Explorer")
        .def(py::init(&make_explorer), py::arg("network"), py::arg("lower"), py::arg("upper"), py::arg("halfspaces"),
             py::arg("by_first_layer"), py::arg("whole"), py::arg("whole_lower"), py::arg("whole_upper"),
             py::arg("whole_halfspaces"), py::arg("origin"), py::arg("nearest"), OwnArithmetic())
        .def("start", &start, py::arg("pattern"), py::arg("point"), OwnArithmetic())
        .def("run", &run, py::arg("max_cells"), py::arg("radius"), py::arg("report"), py::arg("max_bytes") = py::none(), OwnArithmetic())
        .def("state", held(&state_of))
        .def("restore", &restore, py::arg("arrays"), OwnArithmetic())
        .def("facet_distances", &facet_distances, py::arg("cell"), OwnArithmetic())
        .def_property_readonly("num_cells", held(&num_cells))
        .def_property_readonly("bytes", held(&bytes))
        .def_property_readonly("num_waiting", held(&num_waiting))
        .def_property_readonly("num_without_point", held(&num_without_point))
        .def_property_readonly("exhausted", held(&exhausted))
        .def_property_readonly("patterns", held(&patterns))
        .def_property_readonly("points", held(&points))
        .def_property_readonly("distances", held(&distances))
        .def("facets", held(&facets_of))
        .def("neighbour_patterns", held(&neighbour_patterns), py::arg("cell"))
        .def_property_readonly("counts", held(&counts_of));
}

}  // namespace relutope::bindings
