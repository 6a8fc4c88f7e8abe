// The kinds of complaints, as typed constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace batonc {

// A note is worth knowing and asks for nothing.
enum class Severity : std::uint8_t { kError, kWarning, kNote };

namespace internal {

constexpr std::size_t CountSlots(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find("{}"); at != text.npos; at = text.find("{}", at + 2)) ++count;
  return count;
}

// `text` with each `{}` replaced by the next of `arguments`.
std::string Fill(std::string_view text, std::initializer_list<std::string> arguments);

inline std::string Display(std::string_view text) {
  return std::string(text);
}
inline std::string Display(std::int64_t number) {
  return std::to_string(number);
}

}  // namespace internal

// One kind of problem. The number is for ever, the wording may improve. The argument types are
// part of the definition; a text whose slots do not match them does not compile.
template <class... Arguments>
struct Problem {
  consteval Problem(Severity severity, int number, std::string_view text)
      : Problem(severity, severity, number, text) {}
  consteval Problem(Severity severity, Severity in_ipdl, int number, std::string_view text)
      : severity(severity), in_ipdl(in_ipdl), number(number), text(text) {
    if (internal::CountSlots(text) != sizeof...(Arguments)) throw "slots and arguments differ";
  }

  Severity severity;
  Severity in_ipdl;  // in a file that follows IPDL to the letter
  int number;
  std::string_view text;
};

// A sentence that explains a problem by pointing somewhere else.
template <class... Arguments>
struct Remark {
  consteval explicit Remark(std::string_view text) : text(text) {
    if (internal::CountSlots(text) != sizeof...(Arguments)) throw "slots and arguments differ";
  }

  std::string_view text;
};

}  // namespace batonc
