// The calls of the page, without the boundary: each reads a request and writes the arrays of a reply.
#pragma once

#include "wasm/held_complex.hpp"

namespace relutope::wasm {

void reply_cells(const HeldComplex& held, Reply& reply);
void reply_vertices(HeldComplex& held, bool outputs, Reply& reply);
void reply_signs(HeldComplex& held, Reply& reply);
void reply_outlines(HeldComplex& held, Reply& reply);
void reply_face_counts(HeldComplex& held, Reply& reply);
// Betti numbers of the union of the full subcomplexes on sets of vertices (flags, set by set); of everything without flags.
// With `compactify` relative to the faces at infinity.
void reply_betti(HeldComplex& held, Request& request, int prime, bool compactify, Reply& reply);
// Steps of the vertices, or of the cells if `by_cells`.
void reply_persistence(HeldComplex& held, Request& request, int prime, bool by_cells, Reply& reply);
void reply_locations(const HeldComplex& held, Request& request, Reply& reply);
void reply_modes(Request& request, int nodes, int count, bool normalized, Reply& reply);

}  // namespace relutope::wasm
