#include "wasm/held_complex.hpp"

#include "network/balanced_layers.hpp"
#include "network/essential_inputs.hpp"
#include "network/input_checks.hpp"
#include "wasm/host.hpp"

namespace relutope::wasm {

namespace {

// The search recurses over neurons; browsers give a megabyte of stack, on which twice as many fit (tests/python/test_wasm.py).
constexpr int most_neurons = 512;
constexpr int most_layers = 512;
constexpr int most_halfspaces = 64;
constexpr int most_numbers = 1 << 22;

Network read_network(Request& request) {
    const int count = request.take_int();
    if (count < 2 || count > most_layers) throw std::invalid_argument("a network needs a hidden layer and an output layer");
    std::vector<Layer> layers(count);
    for (Layer& layer : layers) {
        layer.inputs = request.take_int();
        layer.outputs = request.take_int();
        layer.linear = request.take_int();
        if (layer.inputs < 1 || layer.outputs < 1 || layer.inputs > most_numbers / layer.outputs)
            throw std::invalid_argument("the shapes of the layers do not fit together");
    }
    for (Layer& layer : layers) {
        const auto outputs = static_cast<std::size_t>(layer.outputs);
        layer.weight = request.take_doubles(outputs * static_cast<std::size_t>(layer.inputs));
        layer.bias = request.take_doubles(outputs);
        layer.bias_low = request.take_doubles(outputs);
    }
    check_layers(layers);
    Network network(balanced(std::move(layers)));
    if (network.num_neurons() > most_neurons)
        throw std::invalid_argument("the network has " + std::to_string(network.num_neurons()) + " hidden neurons; at most " +
                                    std::to_string(most_neurons) + " can be held in a browser");
    return network;
}

Domain read_domain(Request& request, const Network& network, int halfspaces) {
    const auto n = static_cast<std::size_t>(network.input_dimension());
    Domain domain{request.take_doubles(n), request.take_doubles(n), {}};
    for (int k = 0; k < halfspaces; ++k) domain.halfspaces.push_back(request.take_doubles(n + 1));
    request.finish();
    check_domain(domain, network);
    return domain;
}

int read_halfspaces(Request& request) {
    const int count = request.take_int();
    if (count < 0 || count > most_halfspaces) throw std::invalid_argument("the number of halfspaces is out of range");
    return count;
}

}  // namespace

void poll_host() {
    if (relutope_poll()) throw Stopped();
}

HeldComplex::HeldComplex(Request& request, std::uint64_t max_cells, Vertices vertices)
    : network_(read_network(request)), domain_(read_domain(request, network_, read_halfspaces(request))) {
    reduce();
    SearchOptions options;
    options.max_cells = max_cells;
    options.vertices = vertices != Vertices::later;
    options.near = vertices == Vertices::near;
    SearchResult found = run(options);
    cells_ = assemble(found, *solved_network_, solved_domain_);
    if (options.vertices) vertices_ = merge_vertices(found, *cells_, *solved_network_);
}

void HeldComplex::reduce() {
    kept_ = essential_inputs(network_, domain_);
    lineality_ = network_.input_dimension() - static_cast<int>(kept_.size());
    if (kept_.empty()) kept_ = {0};
    if (static_cast<int>(kept_.size()) > max_vertex_dimension)
        throw std::invalid_argument("too many input dimensions; take a slice");
    solved_network_ = network_.with_inputs(kept_);
    for (const int k : kept_) {
        solved_domain_.lower.push_back(domain_.lower[k]);
        solved_domain_.upper.push_back(domain_.upper[k]);
        infinite_sides_.push_back(std::isinf(domain_.lower[k]));
        infinite_sides_.push_back(std::isinf(domain_.upper[k]));
    }
    for (const std::vector<double>& row : domain_.halfspaces) {
        std::vector<double>& solved = solved_domain_.halfspaces.emplace_back();
        for (const int k : kept_) solved.push_back(row[k]);
        solved.push_back(row.back());
        infinite_sides_.push_back(0);
    }
}

SearchResult HeldComplex::run(const SearchOptions& options) {
    SearchControl control;
    return search(*solved_network_, solved_domain_, options, control);
}

const VertexComplex& HeldComplex::vertices(bool outputs) {
    if (!vertices_ || (outputs && vertices_->num_outputs == 0)) {
        vertices_.reset();
        lattice_.reset();
        SearchOptions options;
        options.cells = false;
        options.vertices = true;
        options.outputs = outputs;
        SearchResult found = run(options);
        vertices_ = merge_vertices(found, *cells_, *solved_network_);
    }
    return *vertices_;
}

const FaceLattice& HeldComplex::lattice() {
    if (!lattice_) lattice_ = face_lattice(*cells_, vertices(false), infinite_sides_, poll_host);
    return *lattice_;
}

}  // namespace relutope::wasm
