// Exact signs of all preactivations at given points.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "network/network.hpp"

namespace relutope {

class PointSigns {
public:
    explicit PointSigns(const Network& network);

    // Signs (-1, 0, 1) of all hidden neurons at `point`, a point with exactly these coordinates. Floating point with a forward
    // error bound first; the whole point again in integers when a sign is in doubt.
    // REQUIRES: point.size() == input_dimension(); signs has room for num_neurons().
    void at(std::span<const double> point, std::int8_t* signs);

private:
    bool filtered(std::span<const double> point, std::int8_t* signs);
    void exactly(std::span<const double> point, std::int8_t* signs) const;

    const Network& network_;
    std::vector<double> value_, error_, next_value_, next_error_;
};

}  // namespace relutope
