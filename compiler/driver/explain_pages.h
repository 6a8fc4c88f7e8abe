// Made by compiler/CMakeLists.txt from docs/diagnostics/*.md.
#pragma once

#include <span>
#include <string_view>

namespace batonc {

struct ExplainPage {
  int number = 0;
  std::string_view text;
};

std::span<const ExplainPage> ExplainPages();

}  // namespace batonc
