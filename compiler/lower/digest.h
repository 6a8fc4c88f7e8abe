// The schema hash: two sides that were generated from different texts find out in the handshake.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/check/model.h"

namespace batonc {

// `type` as one would write it in an .idl, all names in full: "samples::Rect[]?".
std::string Spelling(const Model& model, const Type& type);

// All that both sides of `version` must agree on, one line each: the types that the protocol
// reaches, then its messages, both by name. What does not exist in that version is not in it, nor
// comments, layout, the order of declarations, or anything that does not change what travels or who
// accepts it.
std::string CanonicalText(const Model& model, const Protocol& protocol, std::uint32_t version);

// The 64-bit FNV-1a hash of that text.
std::uint64_t SchemaHash(const Model& model, const Protocol& protocol, std::uint32_t version);

}  // namespace batonc
