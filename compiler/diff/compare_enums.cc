#include <algorithm>
#include <unordered_map>

#include "compiler/diag/problems.h"
#include "compiler/diff/comparison.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

class EnumComparison {
 public:
  EnumComparison(Comparison& comparison, const Enum& older, const Enum& newer,
                 std::uint32_t older_version)
      : comparison_(comparison),
        changes_(comparison.changes),
        older_(older),
        newer_(newer),
        older_version_(older_version),
        what_("enum `" + FullName(newer) + "`") {
    for (const Enumerator& one : older.enumerators) older_by_name_.emplace(one.name, &one);
    for (const Enumerator& one : newer.enumerators) newer_by_name_.emplace(one.name, &one);
  }

  void Compare() {
    CompareKind();
    for (const Enumerator& before : older_.enumerators) {
      const Enumerator* now = Find(newer_by_name_, before.name);
      if (now == nullptr) now = RenamedTo(before);
      if (now == nullptr) {
        ReportGone(before);
      } else {
        CompareKept(before, *now);
      }
    }
    for (const Enumerator& now : newer_.enumerators) {
      if (!older_by_name_.contains(now.name) && RenamedFrom(now) == nullptr) ReportNew(now);
    }
  }

 private:
  using ByName = std::unordered_map<std::string_view, const Enumerator*>;

  static const Enumerator* Find(const ByName& names, std::string_view name) {
    const auto found = names.find(name);
    return found == names.end() ? nullptr : found->second;
  }
  static const Enumerator* WithValue(const Enum& declaration, std::int64_t value) {
    const auto& all = declaration.enumerators;
    const auto found = std::ranges::find(all, value, &Enumerator::value);
    return found == all.end() ? nullptr : &*found;
  }
  // The same value under a name that the other one does not know.
  const Enumerator* RenamedTo(const Enumerator& before) const {
    const Enumerator* now = WithValue(newer_, before.value);
    return now != nullptr && !older_by_name_.contains(now->name) ? now : nullptr;
  }
  const Enumerator* RenamedFrom(const Enumerator& now) const {
    const Enumerator* before = WithValue(older_, now.value);
    return before != nullptr && !newer_by_name_.contains(before->name) ? before : nullptr;
  }

  std::string Phrase(const Enumerator& one) const {
    return PhraseOf("enumerator", one.name, what_);
  }

  void CompareKind() {
    const ChangePlace before = Older(older_.name_span);
    const ChangePlace now = Newer(newer_.name_span);
    if (older_.underlying != newer_.underlying) {
      changes_.Report(kWireTypeChanged, now, before, what_,
                      Spell(comparison_.newer, Type{newer_.underlying, {}}, NameStyle::kShort),
                      Spell(comparison_.older, Type{older_.underlying, {}}, NameStyle::kShort));
    }
    if (older_.is_flags != newer_.is_flags) {
      changes_.Report(kWireEnumChanged, now, before, what_,
                      newer_.is_flags ? "is [Flags]" : "is not [Flags]",
                      older_.is_flags ? "was" : "was not");
    }
    if (older_.is_extensible && !newer_.is_extensible) {
      changes_.Report(kWireEnumChanged, now, before, what_, "is not [Extensible]", "was");
    } else if (older_.is_extensible != newer_.is_extensible) {
      changes_.Report(kCompatibleChange, now, before, what_, "[Extensible]", "no such attribute");
    }
    const std::int64_t was = older_.enumerators.front().value;
    const std::int64_t is = newer_.enumerators.front().value;
    if (was == is) return;
    changes_.Report(kWireDefaultChanged, Newer(newer_.enumerators.front().name_span),
                    Older(older_.enumerators.front().name_span), "a value of " + what_,
                    std::to_string(is), std::to_string(was));
  }

  void CompareKept(const Enumerator& older, const Enumerator& newer) {
    const ChangePlace before = Older(older.name_span);
    const ChangePlace now = Newer(newer.name_span);
    if (older.value != newer.value) {
      changes_.Report(kWireValueChanged, now, before, Phrase(newer), newer.value, older.value);
    }
    if (older.name != newer.name) {
      changes_.Report(kSourceRenamed, now, before, Phrase(newer), older.name);
    }
    CompareLifetimes(comparison_, {Phrase(newer), before, now, older_version_}, older.lifetime,
                     newer.lifetime);
  }

  // A newer reader that lets unknown values through can live with it.
  void ReportGone(const Enumerator& one) {
    changes_.Report(newer_.is_extensible ? kSourceGone : kWireGone, Older(one.name_span),
                    Newer(newer_.name_span), Phrase(one));
  }

  void ReportNew(const Enumerator& one) {
    const bool known = older_.is_extensible || HasSince(comparison_, Phrase(one), one.name_span,
                                                        one.lifetime, older_version_);
    if (known) changes_.Report(kCompatibleNew, Newer(one.name_span), {}, Phrase(one));
  }

  Comparison& comparison_;
  Changes& changes_;
  const Enum& older_;
  const Enum& newer_;
  std::uint32_t older_version_;
  std::string what_;
  ByName older_by_name_;
  ByName newer_by_name_;
};

}  // namespace

void CompareEnums(Comparison& comparison, EnumId older, EnumId newer) {
  EnumComparison(comparison, comparison.older.enumeration(older),
                 comparison.newer.enumeration(newer),
                 VersionOf(comparison.older_versions.enums, older))
      .Compare();
}

}  // namespace batonc
