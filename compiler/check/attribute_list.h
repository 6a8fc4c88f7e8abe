// Looking into a list of attributes before, or besides, its check.
#pragma once

#include <algorithm>
#include <string_view>

#include "compiler/parse/syntax.h"

namespace batonc {

// Null when there is none of that name.
inline const AttributeSyntax* FindAttribute(const Attributes& attributes, std::string_view name) {
  const auto found = std::ranges::find_if(
      attributes, [&](const AttributeSyntax& attribute) { return attribute.name.text == name; });
  return found == attributes.end() ? nullptr : &*found;
}

}  // namespace batonc
