// The forms of every layer on the current cell, in floating point and over the integers, kept in step.
#pragma once

#include <algorithm>
#include <vector>

#include "network/maps/composed_maps.hpp"
#include "network/maps/exact_maps.hpp"
#include "network/sign_layout.hpp"
#include "refinement/certificates/layer_certificate.hpp"
#include "refinement/common/program_forms.hpp"

namespace relutope {

class LayerMaps : public ProgramForms {
public:
    // REQUIRES: both outlive this object.
    LayerMaps(const Network& network, const Domain& domain)
        : domain_forms_(domain_forms(domain)), exact_(network, domain), certificate_(network), bounded_(domain.has_bounded_box()),
          maps_(network, domain.dimension()) {
        for (int layer = 0; layer < network.num_hidden(); ++layer) active_.push_back(network.linear_bits(layer));
        const auto is_biased = [](const Layer& layer) {
            const auto is_zero = [](double value) { return value == 0; };
            return !std::all_of(layer.bias.begin(), layer.bias.end(), is_zero) || !std::all_of(layer.bias_low.begin(), layer.bias_low.end(), is_zero);
        };
        while (unbiased_ < network.num_hidden() && !is_biased(network.layer(unbiased_))) ++unbiased_;
    }

    // The forms of level 0, the domain's sides, or of hidden layer level - 1.
    const FormTable& forms(int level) const { return level == 0 ? domain_forms_ : maps_.forms(level - 1); }
    ExactMaps& exact() { return exact_; }

    // Units of hidden layer level - 1 that pass their value on; its linear units always do.
    std::vector<std::uint64_t>& active(int level) { return active_[level - 1]; }
    void set(int level, int neuron, bool is_active) {
        const SignBit bit(neuron);
        std::uint64_t& word = active_[level - 1][bit.word];
        word = is_active ? word | bit.bit : word & ~bit.bit;
    }

    // Brings the forms of `level` up to date. REQUIRES: active(level - 1) is that of the current cell, and the forms before are
    // up to date.
    void enter(int level) {
        if (level == 1) {
            maps_.enter(0, nullptr);
            return;
        }
        const auto& active = active_[level - 2];
        maps_.enter(level - 1, active.data());
        exact_.set_pattern(level - 2, active.data(), static_cast<int>(active.size()));
        if (!bounded_) certificate_.set_active(level - 2, active.data());
    }

    exact::Form exact_form(FormRef name) override {
        return name.level == 0 ? exact_.side(name.index) : exact_.neuron(name.level - 1, name.index);
    }
    exact::LeadingForm leading_form(FormRef name) override {
        return name.level == 0 ? exact_.leading_side(name.index) : exact_.leading_neuron(name.level - 1, name.index);
    }
    bool certainly_positive(const Term& objective, std::span<const Term> terms) override {
        return certificate_.positive(objective, terms);
    }
    bool through_origin(FormRef name) const override { return name.level > 0 && name.level <= unbiased_; }

    // Makes results independent of earlier cells.
    void forget() { maps_.forget(); }

private:
    FormTable domain_forms_;
    ExactMaps exact_;
    LayerCertificate certificate_;
    bool bounded_;
    int unbiased_ = 0;  // layers before the first one that has a bias
    ComposedMaps maps_;
    std::vector<std::vector<std::uint64_t>> active_;
};

}  // namespace relutope
