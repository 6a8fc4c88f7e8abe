// What a run has to say: complaints with their notes and fixes, collected by every stage and shown
// once, in source order, at the end (render.h).
#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "compiler/diag/problem.h"
#include "compiler/source/source_file.h"

namespace batonc {

// For complaints about the run as a whole.
inline constexpr Span kNoPlace{FileId{0xffffffff}, 0, 0};

// Replaces `span` by `text`; an empty span inserts. Only for changes that are almost surely what
// the author meant.
struct Fix {
  Span span;
  std::string text;
};

struct Note {
  Span span;
  std::string text;
};

struct Diagnostic {
  Severity severity = Severity::kError;
  int number = 0;
  Span span;
  std::string text;
  std::vector<Note> notes;
  std::vector<Fix> fixes;

  template <class... Arguments>
  Diagnostic& Because(const Remark<Arguments...>& remark, Span where,
                      const std::type_identity_t<Arguments>&... arguments) {
    notes.push_back({where, internal::Fill(remark.text, {internal::Display(arguments)...})});
    return *this;
  }

  Diagnostic& Suggest(Span where, std::string_view replacement) {
    fixes.push_back({where, std::string(replacement)});
    return *this;
  }
};

class Diagnostics {
 public:
  // Of errors, and of warnings. More are counted but not kept: whoever has a thousand problems
  // reads the first few.
  static constexpr std::size_t kMaxKept = 1000;

  // The reference stays valid until the next Report.
  template <class... Arguments>
  Diagnostic& Report(const Problem<Arguments...>& problem, Span span,
                     const std::type_identity_t<Arguments>&... arguments) {
    return ReportAs(problem.severity, problem, span, arguments...);
  }

  // With another severity than the problem's own: `Problem::in_ipdl`.
  template <class... Arguments>
  Diagnostic& ReportAs(Severity severity, const Problem<Arguments...>& problem, Span span,
                       const std::type_identity_t<Arguments>&... arguments) {
    return Add({severity,
                problem.number,
                span,
                internal::Fill(problem.text, {internal::Display(arguments)...}),
                {},
                {}});
  }

  bool HasErrors() const { return !files_with_errors_.empty(); }
  bool HasErrorsIn(FileId file) const { return files_with_errors_.contains(file); }
  std::size_t dropped() const { return dropped_; }

  // By place, each once.
  std::vector<Diagnostic> Sorted() const;

 private:
  Diagnostic& Add(Diagnostic diagnostic);

  std::deque<Diagnostic> all_;  // a deque: references stay valid
  Diagnostic beyond_;           // where complaints over kMaxKept end
  std::size_t warnings_kept_ = 0;
  std::size_t dropped_ = 0;
  std::set<FileId> files_with_errors_;  // kNoPlace.file among them
};

}  // namespace batonc
