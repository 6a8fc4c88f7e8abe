// "Did you mean", for types.
#pragma once

#include "compiler/check/context.h"

namespace batonc {

// Says what the unknown type almost surely was meant to be, if anything: a name from another
// language, one of Gecko's, or a name nearby.
void SuggestType(const CheckContext& context, const TypeSyntax& type, Diagnostic& problem);

// The same for what stands in Endpoint<...>.
void SuggestEndpoint(const CheckContext& context, const TypeSyntax& argument, Diagnostic& problem);

// The names of the protocols that `file` sees.
std::vector<std::string> VisibleProtocols(const CheckContext& context, FileId file);

}  // namespace batonc
