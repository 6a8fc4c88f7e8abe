// Text to tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "compiler/diag/diagnostic.h"
#include "compiler/lex/token.h"
#include "compiler/source/source_file.h"

namespace batonc {

// Total: what is no token is reported and skipped. `source` must outlive the tokens.
TokenBuffer Lex(const SourceFile& source, Diagnostics& diagnostics);

// The value of an Integer token: decimal, or hexadecimal behind 0x. Decimals do not begin with 0.
// Errors (already reported by Lex): invalid_argument, result_out_of_range; the value is 0 then.
struct ParsedNumber {
  std::uint64_t value = 0;
  std::errc error{};
};
ParsedNumber NumberFrom(std::string_view word);

// The value of a Real token: digits with a fraction, an exponent, or both; `0.5`, `1e-3`.
struct ParsedReal {
  double value = 0;
  std::errc error{};  // as in ParsedNumber
};
ParsedReal RealFrom(std::string_view word);

// A Duration token, `250ms`: its digits and its unit, one of `us`, `ms`, `s` and `min`.
struct DurationParts {
  std::string_view digits;
  std::string_view unit;
};
std::optional<DurationParts> DurationFrom(std::string_view word);

}  // namespace batonc
