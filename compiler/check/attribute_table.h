// All attributes of the language: where each stands and what it takes. Two rows of one name are one
// attribute at two kinds of places.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

enum class AttributePlace : std::uint8_t {
  kProtocol,
  kMessage,
  kParameter,  // and what `returns` has
  kField,
  kUsing,
  kStruct,
  kUnion,
  kEnum,
  kEnumerator,
  kConstant,
};

// "a message", for messages.
std::string_view Describe(AttributePlace place);

// What stands behind the `=`. More than one bit: either.
enum AttributeValue : std::uint8_t {
  kNothing = 1,
  kWord = 2,      // one of the row's words
  kText = 4,      // "..."
  kVersion = 8,   // 1 ... kMaxVersion
  kLimit = 16,    // a number or a constant
  kDuration = 32  // `250ms`
};

struct AttributeRow {
  AttributePlace place;
  std::string_view name;
  std::uint8_t values;  // of AttributeValue
  std::span<const std::string_view> words;
  bool is_ours = false;  // an addition that IPDL lacks
};

// Null when there is none of that name at that place.
const AttributeRow* FindAttributeRow(AttributePlace place, std::string_view name);

// All that can stand there, for suggestions.
std::vector<std::string> AttributeNamesAt(AttributePlace place, Dialect dialect);

// "`Compress`, `Nested` or `Priority`": all that can stand there; "no attributes".
std::string AttributesAt(AttributePlace place, Dialect dialect);

// "no value", "`any` or `anychild`", "a number or a constant".
std::string ValuesOf(const AttributeRow& row);

// "`a`, `b` or `c`".
std::string Enumerate(std::span<const std::string_view> words);

}  // namespace batonc
