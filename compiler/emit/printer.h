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
// One printer writes one file; it knows no errors. A template is taken apart once per thread,
// however often it is printed.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace batonc {

class Printer {
 public:
  // A lambda, by reference: for the time of one call.
  class Block {
   public:
    template <class Callable>
    requires(std::is_invocable_v<Callable&> && !std::is_same_v<std::decay_t<Callable>, Block>)
        Block(
            Callable&& callable)  // NOLINT(*-explicit-*): it stands for a lambda in a list of slots
        : object_(&callable), call_([](const void* object) {
            (*static_cast<const std::remove_reference_t<Callable>*>(object))();
          }) {}
    void operator()() const { call_(object_); }

   private:
    const void* object_;
    void (*call_)(const void*);
  };

  struct Slot {
    Slot(std::string_view name, std::string_view text) : name(name), filling(text) {}
    Slot(std::string_view name, Block block) : name(name), filling(block) {}

    std::string_view name;
    std::variant<std::string_view, Block> filling;  // refers to what it was made of
  };
  using Slots = std::initializer_list<Slot>;

  // Every ${slot} must be listed, and every listed slot must be used: a typo aborts batonc in its
  // own unit tests rather than surfacing in somebody's build.
  void Emit(Slots slots, std::string_view code);
  void Emit(std::string_view code) { Emit({}, code); }

  // The text so far; the printer is empty afterwards.
  std::string Take();

 private:
  class Filler;

  void WriteText(std::string_view text);
  void WriteLine(std::string_view line);
  void WriteCode(std::string_view line);

  std::string out_;
  std::size_t indentation_ = 0;
  std::string line_;  // being put together
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
