#include "compiler/driver/explain.h"

#include <algorithm>
#include <charconv>

#include "compiler/driver/explain_pages.h"

namespace batonc {

std::optional<std::string_view> Explain(const std::string& code) {
  std::string_view digits = code;
  if (digits.starts_with('E') || digits.starts_with('e')) digits.remove_prefix(1);
  int number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  const auto page = std::ranges::find(ExplainPages(), number, &ExplainPage::number);
  if (page == ExplainPages().end()) return std::nullopt;
  return page->text;
}

}  // namespace batonc
