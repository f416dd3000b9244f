// Which inputs a network depends on, up to linear combinations, exactly.
#pragma once

#include <vector>

#include "network/domain.hpp"
#include "network/network.hpp"

namespace relutope {

// Inputs on which the neurons' first forms and the domain's sides have the same rank as on all of them, chosen greedily from the
// left. Setting the others to zero gives a subspace that meets every face's translates exactly once; the complex there, times
// a space of directions along which nothing changes, is the whole one.
//
// The forms are those of the domain's sides, and what neurons see of the inputs by way of linear units alone:
// M_1 = W_1, and M_(l+1) = W_(l+1) M_l with only the linear units' rows of M_l and columns of W_(l+1), of which the neurons'
// rows count. Moving along v changes no neuron's sign anywhere iff M_l v vanishes at the neurons of every layer.
std::vector<int> essential_inputs(const Network& network, const Domain& domain);

}  // namespace relutope
