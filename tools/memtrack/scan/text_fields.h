// Reads a piece of /proc from left to right: numbers, words, and what lies between them. Nothing is
// believed: whatever does not fit is std::nullopt or false, and the place stays where it was.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace memtrack {

class TextFields {
 public:
  explicit TextFields(std::string_view text) : rest_(text) {}

  template <std::integral T = std::uint64_t>
  std::optional<T> Number(int base = 10) {
    T value = 0;
    const auto [end, error] =
        std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, base);
    if (error != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  bool Skip(char expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void SkipBlanks() {
    while (rest_.starts_with(' ') || rest_.starts_with('\t')) rest_.remove_prefix(1);
  }

  // Up to the next blank, which is skipped as well; empty at the end.
  std::string_view Word() {
    SkipBlanks();
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t"));
    rest_.remove_prefix(word.size());
    return word;
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Cuts the first line off `text`, without its line feed.
inline std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace memtrack
