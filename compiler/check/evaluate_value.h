// What a value that is written stands for.
#pragma once

#include <optional>
#include <string_view>

#include "compiler/check/context.h"

namespace batonc {

// The value as one of type `wanted`: a number, a string, an enumerator, `true`, `false` or a
// constant. Nothing when it is none, which is reported; `wanted_words` name the type there.
//
// Constants must have their values already.
std::optional<Value> EvaluateValue(CheckContext& context, const ValueSyntax& syntax,
                                   const Type& wanted, std::string_view wanted_words);

// "`16`": for messages.
std::string Quoted(const CheckContext& context, Span span);

// -1, 0, 1 as `a` is less than, equal to or more than `b`. Both are integers or reals.
int CompareNumbers(const Value& a, const Value& b);

}  // namespace batonc
