// Writes source code from templates that look like the source code they produce.
//
//   printer.Emit({{"Name", type.name}, {"fields", [&] { EmitFields(printer, type); }}}, R"(
//     struct ${Name} {
//       ${fields}
//     };
//
//   )");
//
// A slot is filled with text, or with whatever a block emits; a block stands alone on its line. The
// common indentation of the template is dropped, and the indentation of a slot is given to every
// line that fills it.
//
// What keeps optional parts out of the templates:
//   - a slot alone on its line that turns out empty takes the line with it;
//   - of several empty lines in a row one remains, and none at the start of the output, behind an
//     opening brace, or before a closing one (namespaces excepted);
//   - a line of code over 100 columns is broken behind a comma (the last of the least nested), or
//     else an opening parenthesis or brace, and goes on four columns deeper; string literals and
//     comments are never broken.
//
// One printer writes one file; it knows no threads and no errors.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace batonc {

class Printer {
 public:
  using Block = std::function<void()>;
  using Slot = std::pair<std::string_view, std::variant<std::string, Block>>;

  // Every ${slot} must be listed, and every listed slot must be used: a typo aborts batonc in its
  // own unit tests rather than surfacing in somebody's build.
  void Emit(const std::vector<Slot>& slots, std::string_view code);
  void Emit(std::string_view code) { Emit({}, code); }

  // The text so far; the printer is empty afterwards.
  std::string Take();

 private:
  void WriteLine(std::string_view line);
  void WriteCode(std::string_view line);

  std::string out_;
  std::string indentation_;
  bool blank_pending_ = false;
  bool after_opening_ = false;
};

// Elements, each as `text` has it, with `separator` between them.
template <class Range, class Text>
std::string Join(const Range& range, std::string_view separator, Text text) {
  std::string joined;
  bool first = true;
  for (const auto& element : range) {
    if (!first) joined += separator;
    first = false;
    joined += text(element);
  }
  return joined;
}

}  // namespace batonc
