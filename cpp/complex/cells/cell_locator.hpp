// The cell of a point, exactly.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "complex/cells/cell_complex.hpp"
#include "exact/linear.hpp"
#include "network/maps/point_signs.hpp"

namespace relutope {

class CellLocator {
public:
    // `network` and `domain` on all inputs; `cells` may have been found on fewer. REQUIRES: all outlive this object.
    CellLocator(const CellComplex& cells, const Network& network, const Domain& domain);

    // The lowest of the closed cells that contain `point`, taken as exactly these doubles; no_cell outside the domain.
    // REQUIRES: finite coordinates, as many as the network has inputs.
    CellId locate(std::span<const double> point);

private:
    bool in_domain(std::span<const double> point) const;
    CellId with_pattern() const;
    CellId lowest_around() const;

    const CellComplex& cells_;
    const Domain& domain_;
    std::vector<exact::Form> halfspaces_;
    PointSigns evaluator_;
    std::vector<std::int8_t> signs_;
};

}  // namespace relutope
