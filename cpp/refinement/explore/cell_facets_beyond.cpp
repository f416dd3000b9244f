// What lies beyond a facet of a cell. See cell_facets.hpp.
#include <utility>

#include "refinement/explore/cell_facets.hpp"

namespace relutope {

// When one neuron alone vanishes on the facet, its bit changes. Else, layer by layer: each neuron that vanishes there is, beyond it,
// a multiple of the facet's own form, which is negative there.
std::vector<std::uint64_t> CellFacets::neighbour(const CellFacet& facet) {
    std::vector<std::uint64_t> result = pattern_;
    const auto flip = [&](HyperplaneId neuron) { result[neuron >> 6] ^= std::uint64_t{1} << (neuron & 63); };
    if (facet.zeros.size() == 1) {
        flip(facet.zeros.front());
        return result;
    }
    ActiveForms& forms = certificate_.forms();
    // A form's coefficients by unit, so that forms with other active units can be compared.
    const auto coefficients = [&](HyperplaneId neuron) {
        const FormRef name = names_[neuron];
        std::vector<std::pair<int, exact::Integer>> found;
        if (name.level == base_ + 1) {
            found.emplace_back(name.index, 1);
            return found;
        }
        const exact::Form form = forms.exact_form(name.level - 1, name.index, base_);
        for (std::size_t k = 0; k < form.weight.size(); ++k)
            if (!form.weight[k].is_zero()) found.emplace_back(base_ < 0 ? static_cast<int>(k) : forms.active(0)[k], form.weight[k]);
        return found;
    };
    const auto [pivot, weight] = coefficients(facet.neuron).front();
    const int outwards = -(is_active(facet.neuron) ? 1 : -1) * weight.sign();  // the sign of the pivot's coefficient in a form that is positive beyond
    for (const HyperplaneId neuron : facet.zeros) {
        int sign = 0;
        for (const auto& [unit, coefficient] : coefficients(neuron))
            if (unit == pivot) sign = coefficient.sign();
        const bool active_beyond = sign == outwards;
        if (active_beyond == is_active(neuron)) continue;
        flip(neuron);
        const int layer = names_[neuron].level - 1;
        std::vector<std::uint64_t> bits = network_.linear_bits(layer);
        unpack_bits(result.data(), network_.first_neuron(layer), network_.layer(layer).neurons(), bits);
        forms.set_active(layer, bits.data());
    }
    for (int layer = 0; layer < network_.num_hidden(); ++layer) forms.set_active(layer, active_[layer].data());
    return result;
}

std::size_t CellFacets::coordinates_of(const std::uint64_t* pattern) const {
    std::size_t count = 0;
    for (int i = 0; i < dimension(); ++i) count += is_coordinate(pattern, i);
    return count;
}

std::vector<double> CellFacets::beyond(const std::uint64_t* pattern, const std::vector<double>& point, const CellFacet& facet,
                                       double step) const {
    std::vector<double> result = point;
    if (facet.crossing.empty()) {
        result[facet.neuron] = -step * point[facet.neuron];
        return result;
    }
    auto crossing = facet.crossing.begin();
    for (int i = 0; i < dimension(); ++i) {
        if (!is_coordinate(pattern, i)) continue;
        result[i] = *crossing + step * (*crossing - point[i]);
        ++crossing;
    }
    return result;
}

void CellFacets::input_rows(const std::vector<CellFacet>& facets, std::vector<double>& rows) {
    rows.clear();
    for (const CellFacet& facet : facets) {
        const FormRef name = names_[facet.neuron];
        certificate_.forms().form(name.level - 1, name.index, -1, form_);
        for (const double weight : form_.weight) rows.push_back(sense_of(facet.neuron) * weight);
        rows.push_back(sense_of(facet.neuron) * form_.constant);
    }
}

}  // namespace relutope
