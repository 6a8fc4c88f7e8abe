// A template of the printer, taken apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace batonc {

struct TemplatePiece {
  std::string_view text;  // before the slot
  std::string_view slot;  // empty: the rest of the line
};

struct TemplateLine {
  std::size_t indentation = 0;
  std::string_view lonely;  // the slot that is all there is on the line; else there are pieces
  std::vector<TemplatePiece> pieces;
};

using Template = std::vector<TemplateLine>;

// Of `code` without the line breaks beside its quotes and without its common indentation. Made at
// the first call with a text; stays valid, and so does what it refers to, until its thread ends.
const Template& TemplateOf(std::string_view code);

// Columns before the first character that is no space.
inline std::size_t IndentationOf(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  return begin == std::string_view::npos ? line.size() : begin;
}

}  // namespace batonc
