// What every search is given.
#pragma once

#include "network/domain.hpp"
#include "network/network.hpp"
#include "network/repeated_rows.hpp"
#include "network/sign_layout.hpp"
#include "refinement/common/records.hpp"

namespace relutope {

struct Problem {
    Problem(const Network& network, const Domain& domain, const SearchOptions& options = {})
        : network(network), domain(domain), layout(network, domain), repeated(network), options(options) {}

    const Network& network;
    const Domain& domain;
    const SignLayout layout;
    const RepeatedRows repeated;
    const SearchOptions options;
};

}  // namespace relutope
