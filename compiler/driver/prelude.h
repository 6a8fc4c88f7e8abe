// Declarations that a run can have without including them: idl/gecko.idlh, built into batonc.
#pragma once

#include <string_view>

namespace batonc {

// What --prelude takes for it, instead of the path of a file.
inline constexpr std::string_view kGeckoPrelude = "gecko";

// The text of idl/gecko.idlh.
std::string_view GeckoPreludeText();

}  // namespace batonc
