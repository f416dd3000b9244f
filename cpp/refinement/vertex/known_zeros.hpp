// Why a form vanishes at a vertex: it is a combination of a few of the facets' forms. So it vanishes wherever these facets meet, which
// in degenerate networks is at very many vertices. Or why it does not change along a ray: its weights are a combination of the facets'.
#pragma once

#include <vector>

namespace relutope {

template <class Mask>
class KnownZeros {
public:
    explicit KnownZeros(int levels) : levels_(levels) {}

    enum class Of : char { form, weights };

    // Whether form `index` of `level`, or its coefficient of R, is known to vanish where all of `facets` meet.
    bool hold(Of what, int level, int index, const Mask& facets) const {
        for (const Zero& zero : levels_[level])
            if (zero.index == index && zero.what == what && facets.includes(zero.support)) return true;
        return false;
    }
    // The form is a combination of the forms of the facets in `support`, or its weights of theirs. REQUIRES: as for weights, no facet in
    // `support` is at infinity.
    void add(Of what, int level, int index, const Mask& support) {
        if (levels_[level].size() < most) levels_[level].push_back({index, what, support});
    }
    // The slot is going to be another facet's. REQUIRES: it was given away on `level`.
    void forget_slot(int level, int slot) {
        std::erase_if(levels_[level], [slot](const Zero& zero) { return zero.support.contains(slot); });
    }
    // The forms of `level` are going to be others.
    void forget_level(int level) { levels_[level].clear(); }

private:
    // More are not worth looking through.
    static constexpr std::size_t most = 256;
    struct Zero {
        int index;
        Of what;
        Mask support;
    };

    std::vector<std::vector<Zero>> levels_;
};

}  // namespace relutope
