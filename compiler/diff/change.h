// What differs between an older and a newer state of some protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diag/problem.h"
#include "compiler/source/source_file.h"

namespace batonc {

enum class Breaks : std::uint8_t {
  kNothing,
  kSource,  // users' C++ stops to compile
  kWire,    // an older and a newer peer misunderstand or refuse each other
};

enum class Edition : std::uint8_t { kOlder, kNewer };

// A place in one of the two; each has files of its own.
struct ChangePlace {
  Edition edition = Edition::kNewer;
  Span span;
};

struct Change {
  Breaks breaks = Breaks::kNothing;
  int number = 0;  // of compiler/diag/problems.h
  std::string text;
  ChangePlace place;                 // what is gone has its place in the older one
  std::optional<ChangePlace> other;  // in the other edition
};

class Changes {
 public:
  template <class... Arguments>
  void Report(const Problem<Arguments...>& problem, ChangePlace place,
              std::optional<ChangePlace> other,
              const std::type_identity_t<Arguments>&... arguments) {
    all_.push_back({BreaksOf(problem.severity), problem.number,
                    internal::Fill(problem.text, {internal::Display(arguments)...}), place, other});
  }

  std::vector<Change> Take() { return std::move(all_); }

 private:
  static Breaks BreaksOf(Severity severity) {
    if (severity == Severity::kError) return Breaks::kWire;
    return severity == Severity::kWarning ? Breaks::kSource : Breaks::kNothing;
  }

  std::vector<Change> all_;
};

inline ChangePlace Older(Span span) {
  return {Edition::kOlder, span};
}
inline ChangePlace Newer(Span span) {
  return {Edition::kNewer, span};
}

}  // namespace batonc
