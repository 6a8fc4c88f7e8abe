// The schema hash: two sides that were generated from different texts find out in the handshake.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/check/model.h"

namespace batonc {

// `type` as one would write it in an .idl, all names in full: "samples::Rect[]?".
std::string Spelling(const Model& model, const Type& type);

// All that both sides must agree on, one line each: the enums and structs that the protocol
// reaches, then its messages in order. Comments and layout are not in it, nor is anything that the
// protocol does not use.
std::string CanonicalText(const Model& model, const Protocol& protocol);

// The 64-bit FNV-1a hash of that text.
std::uint64_t SchemaHash(const Model& model, const Protocol& protocol);

}  // namespace batonc
