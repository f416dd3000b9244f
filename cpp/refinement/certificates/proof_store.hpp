// Proofs that a neuron does not vanish on a cell, kept to be used again on other cells (layer_certificate.hpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "refinement/common/records.hpp"

namespace relutope {

class ProofStore {
public:
    // Per neuron. Those that held lately are kept.
    static constexpr std::size_t most_proofs = 16;

    explicit ProofStore(int num_neurons) : proofs_(num_neurons) {}

    // Whether a proof is known that `neuron` does not vanish on the cell with this pattern or on its boundary.
    bool proves(HyperplaneId neuron, const std::uint64_t* pattern) {
        std::vector<Proof>& known = proofs_[neuron];
        const auto holds = [&](const Proof& proof) {
            for (std::size_t word = 0; word < proof.needed.size(); ++word)
                if ((proof.pattern[word] ^ pattern[word]) & proof.needed[word]) return false;
            return true;
        };
        const auto found = std::find_if(known.begin(), known.end(), holds);
        if (found == known.end()) return false;
        std::rotate(known.begin(), found, found + 1);
        return true;
    }

    // A proof for the cell with this pattern that holds wherever the `needed` neurons are in the same states.
    void add(HyperplaneId neuron, const std::uint64_t* pattern, const std::vector<std::uint64_t>& needed) {
        std::vector<Proof>& known = proofs_[neuron];
        if (known.size() >= most_proofs) {
            known.pop_back();
        } else {
            bytes_ += 2 * (sizeof(Proof) + needed.size() * sizeof(std::uint64_t) + 32);
        }
        known.insert(known.begin(), Proof{needed, {pattern, pattern + needed.size()}});
    }

    // Of all proofs, about.
    std::uint64_t bytes() const { return bytes_; }

private:
    struct Proof {
        std::vector<std::uint64_t> needed, pattern;
    };

    std::vector<std::vector<Proof>> proofs_;
    std::uint64_t bytes_ = 0;
};

}  // namespace relutope
