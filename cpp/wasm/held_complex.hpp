// A complex that the page works with, and what has been computed of it so far.
#pragma once

#include <optional>

#include "complex/faces/face_lattice.hpp"
#include "wasm/exchange.hpp"

namespace relutope::wasm {

class HeldComplex {
public:
    // Reads the network and the domain: the number of layers; inputs, outputs and linear units of each; the number of halfspaces; as
    // doubles weights (row by row), biases and low biases of each layer, lower bounds, upper bounds, halfspaces.
    // Vertices are found in the same search, if asked for: a third less work than asking for them afterwards. `near` ones have
    // coordinates for pictures only (SearchOptions::near).
    // Throws std::invalid_argument, EmptyDomain, TooManyCells, TooManyFacets, Stopped.
    enum class Vertices { later, rounded, near };
    HeldComplex(Request& request, std::uint64_t max_cells, Vertices vertices);

    const Network& network() const { return network_; }
    const Domain& domain() const { return domain_; }
    const std::vector<int>& kept() const { return kept_; }
    int lineality() const { return lineality_; }
    const std::vector<std::uint8_t>& infinite_sides() const { return infinite_sides_; }
    const CellComplex& cells() const { return *cells_; }

    // With exact values of the outputs if asked for.
    const VertexComplex& vertices(bool outputs);
    const FaceLattice& lattice();

private:
    void reduce();
    SearchResult run(const SearchOptions& options);

    Network network_;
    Domain domain_;
    // The problem that is solved: on the inputs that matter, see essential_inputs.
    std::vector<int> kept_;
    int lineality_ = 0;
    std::optional<Network> solved_network_;
    Domain solved_domain_;
    std::vector<std::uint8_t> infinite_sides_;
    std::optional<CellComplex> cells_;
    std::optional<VertexComplex> vertices_;
    std::optional<FaceLattice> lattice_;
};

// Asks the host whether to stop. Throws Stopped.
void poll_host();

}  // namespace relutope::wasm
