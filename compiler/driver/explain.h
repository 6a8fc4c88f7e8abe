// `batonc explain E0301`: the pages of docs/diagnostics, which are built into the compiler.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batonc {

// The page of a problem by what is written in brackets behind `error`: "E0301", "e301" or "301".
std::optional<std::string_view> Explain(const std::string& code);

}  // namespace batonc
