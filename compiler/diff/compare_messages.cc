#include <fmt/format.h>

#include "compiler/diag/problems.h"
#include "compiler/diff/comparison.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

std::string_view Receiver(Direction direction) {
  constexpr std::string_view kReceivers[] = {"the parent", "the child", "both sides"};
  return kReceivers[static_cast<std::size_t>(direction)];
}

std::string Quoted(const std::vector<std::string>& attributes) {
  if (attributes.empty()) return "no attributes";
  return fmt::format("`[{}]`", fmt::join(attributes, ", "));
}

// What only one side minds: when it sends, in which order it handles.
std::string Behaviour(const Message& message) {
  Message rest = message;
  rest.lifetime = {};
  rest.is_tainted = false;
  return Quoted(SpellAttributes(rest));
}

class MessageComparison {
 public:
  MessageComparison(Comparison& comparison, const Protocol& owner, const Message& older,
                    const Message& newer)
      : comparison_(comparison),
        owner_(owner),
        older_(older),
        newer_(newer),
        what_(PhraseOf("message", newer.name, "`" + FullName(owner) + "`")) {}

  void Compare() {
    CompareKind();
    CompareParameters();
    CompareAnswers();
    CompareFailures();
    CompareUse();
    CompareLifetimes(comparison_, {what_, Before(), Now(), owner_.version}, older_.lifetime,
                     newer_.lifetime);
  }

 private:
  ChangePlace Before() const { return Older(older_.name_span); }
  ChangePlace Now() const { return Newer(newer_.name_span); }

  void Changed(std::string_view now, std::string_view before) {
    comparison_.changes.Report(kWireMessageChanged, Now(), Before(), what_, now, before);
  }

  void CompareKind() {
    if (older_.direction != newer_.direction) {
      Changed(fmt::format("goes to {}", Receiver(newer_.direction)),
              fmt::format("went to {}", Receiver(older_.direction)));
    }
    if (older_.is_sync != newer_.is_sync) {
      Changed(newer_.is_sync ? "is sync" : "is async", newer_.is_sync ? "was async" : "was sync");
    }
    const bool was_nested = older_.nesting == Nesting::kInsideSync;
    const bool is_nested = newer_.nesting == Nesting::kInsideSync;
    if (older_.is_sync && newer_.is_sync && is_nested != was_nested) {
      Changed(is_nested ? "is nested" : "is not nested", was_nested ? "was nested" : "was not");
    }
    if (older_.constructs.has_value() != newer_.constructs.has_value()) {
      Changed(newer_.constructs ? "is a constructor" : "is no constructor",
              newer_.constructs ? "was none" : "was one");
    }
  }

  FieldList ListOf(std::string_view noun) const {
    return {.noun = noun,
            .owner = what_,
            .older_owner = older_.name_span,
            .newer_owner = newer_.name_span,
            .older_version = owner_.version,
            .has_names_in_cpp = false,
            .is_signature = true};
  }

  void CompareParameters() {
    CompareFields(comparison_, ListOf("parameter"), older_.parameters, newer_.parameters);
  }

  void CompareAnswers() {
    if (older_.returns.has_value() != newer_.returns.has_value()) {
      Changed(newer_.returns ? "is answered" : "is not answered",
              newer_.returns ? "was not" : "was");
    } else if (newer_.returns) {
      FieldList list = ListOf("answer");
      list.has_names_in_cpp = older_.returns->size() > 1;  // a struct of them
      CompareFields(comparison_, list, *older_.returns, *newer_.returns);
    }
  }

  void CompareFailures() {
    if (older_.fails.has_value() != newer_.fails.has_value()) {
      Changed(newer_.fails ? "may fail with a value" : "cannot fail with a value",
              newer_.fails ? "could not" : "could");
      return;
    }
    if (!newer_.fails) return;
    const TypeChange change = CompareTypes(comparison_, *older_.fails, *newer_.fails);
    if (change == TypeChange::kNone) return;
    comparison_.changes.Report(change == TypeChange::kWire ? kWireTypeChanged : kSourceTypeChanged,
                               Newer(newer_.fails->span), Older(older_.fails->span),
                               "the failure of " + what_,
                               Spell(comparison_.newer, *newer_.fails, NameStyle::kFull),
                               Spell(comparison_.older, *older_.fails, NameStyle::kFull));
  }

  void CompareUse() {
    if (older_.is_tainted != newer_.is_tainted) {
      comparison_.changes.Report(kSourceUseChanged, Now(), Before(), what_,
                                 newer_.is_tainted ? "is tainted" : "is not tainted",
                                 newer_.is_tainted ? "was not" : "was");
    }
    const std::string was = Behaviour(older_);
    const std::string is = Behaviour(newer_);
    if (was != is) {
      comparison_.changes.Report(kCompatibleChange, Now(), Before(), what_, is, was);
    }
  }

  Comparison& comparison_;
  const Protocol& owner_;  // the older
  const Message& older_;
  const Message& newer_;
  std::string what_;
};

}  // namespace

void CompareMessages(Comparison& comparison, const Protocol& owner, const Message& older,
                     const Message& newer) {
  MessageComparison(comparison, owner, older, newer).Compare();
}

}  // namespace batonc
