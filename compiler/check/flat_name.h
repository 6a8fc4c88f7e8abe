// Names for types, as one word and as an identity.
#pragma once

#include <string>

#include "compiler/check/model.h"
#include "compiler/parse/syntax.h"

namespace batonc {

// The type as one word, the way IPDL names the members of a union: "int", "ArrayOfRect",
// "MaybeRect", "EndpointPFooParent".
std::string FlatName(const TypeSyntax& type);

// Equal for two types exactly when they are the same type: "[::media::Rect]".
std::string Identity(const Model& model, const Type& type);

}  // namespace batonc
