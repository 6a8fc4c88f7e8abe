#include <fmt/format.h>

#include "compiler/diag/problems.h"
#include "compiler/diff/absence.h"
#include "compiler/diff/align.h"
#include "compiler/diff/comparison.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

class FieldComparison {
 public:
  FieldComparison(Comparison& comparison, const FieldList& list)
      : comparison_(comparison), changes_(comparison.changes), list_(list) {}

  void Compare(const std::vector<Field>& older, const std::vector<Field>& newer) {
    const Alignment alignment = Align(NamesOf(older), NamesOf(newer));
    for (const auto& [before, now] : alignment.kept) CompareKept(older[before], newer[now]);
    for (const auto& [before, now] : alignment.moved) {
      changes_.Report(kWireMoved, Newer(newer[now].name_span), Older(older[before].name_span),
                      Phrase(newer[now]), static_cast<std::int64_t>(now),
                      static_cast<std::int64_t>(before));
    }
    for (const std::size_t gone : alignment.gone) {
      changes_.Report(kWireGone, Older(older[gone].name_span), Newer(list_.newer_owner),
                      Phrase(older[gone]));
    }
    for (const std::size_t inserted : alignment.inserted) {
      changes_.Report(kWireInserted, Newer(newer[inserted].name_span), Older(list_.older_owner),
                      Phrase(newer[inserted]));
    }
    for (const std::size_t appended : alignment.appended) CompareAppended(newer[appended]);
  }

 private:
  static std::vector<std::string> NamesOf(const std::vector<Field>& fields) {
    std::vector<std::string> names;
    for (const Field& field : fields) names.push_back(field.name);
    return names;
  }

  std::string Phrase(const Field& field) const {
    return PhraseOf(list_.noun, field.name, list_.owner);
  }

  void CompareKept(const Field& older, const Field& newer) {
    const ChangePlace before = Older(older.name_span);
    const ChangePlace now = Newer(newer.name_span);
    const std::string what = Phrase(newer);
    if (older.name != newer.name) ReportRenamed(what, older, newer);
    CompareTypesOf(what, older, newer);
    CompareDefaults(what, older, newer);
    CompareBounds(what, older, newer);
    CompareLifetimes(comparison_, {what, before, now, list_.older_version}, older.lifetime,
                     newer.lifetime);
  }

  void ReportRenamed(const std::string& what, const Field& older, const Field& newer) {
    const ChangePlace before = Older(older.name_span);
    const ChangePlace now = Newer(newer.name_span);
    if (list_.has_names_in_cpp) {
      changes_.Report(kSourceRenamed, now, before, what, older.name);
    } else {
      changes_.Report(kCompatibleChange, now, before, what, "this name", "`" + older.name + "`");
    }
  }

  void CompareTypesOf(const std::string& what, const Field& older, const Field& newer) {
    const TypeChange change = CompareTypes(comparison_, older.type, newer.type);
    if (change == TypeChange::kNone) return;
    const ChangePlace before = Older(older.type.span);
    const ChangePlace now = Newer(newer.type.span);
    const std::string was = Spell(comparison_.older, older.type, NameStyle::kFull);
    const std::string is = Spell(comparison_.newer, newer.type, NameStyle::kFull);
    changes_.Report(change == TypeChange::kWire ? kWireTypeChanged : kSourceTypeChanged, now,
                    before, what, is, was);
  }

  void CompareDefaults(const std::string& what, const Field& older, const Field& newer) {
    const std::string was = Default(comparison_.older, older);
    const std::string is = Default(comparison_.newer, newer);
    if (was == is) return;
    changes_.Report(kWireDefaultChanged, Newer(newer.name_span), Older(older.name_span), what, is,
                    was);
  }

  // As two models can be compared: an enumerator by its value.
  static std::string Default(const Model& model, const Field& field) {
    if (!field.default_value) return "what its type begins with";
    if (const auto* ref = std::get_if<EnumeratorRef>(&*field.default_value)) {
      const Enumerator& chosen = model.enumeration(ref->enumeration).enumerators[ref->index];
      return fmt::format("the enumerator {}", chosen.value);
    }
    return "`" + Spell(model, *field.default_value) + "`";
  }

  void CompareBounds(const std::string& what, const Field& older, const Field& newer) {
    const std::string was = BoundsOf(comparison_.older, older);
    const std::string is = BoundsOf(comparison_.newer, newer);
    if (was == is) return;
    changes_.Report(kWireBoundsChanged, Newer(newer.name_span), Older(older.name_span), what, is,
                    was);
  }

  static std::string BoundsOf(const Model& model, const Field& field) {
    Field only_bounds;
    only_bounds.bounds = field.bounds;
    const auto attributes = SpellAttributes(model, only_bounds);
    if (attributes.empty()) return "nothing";
    return fmt::format("`[{}]`", fmt::join(attributes, ", "));
  }

  void CompareAppended(const Field& field) {
    const std::string what = Phrase(field);
    if (list_.is_signature) {
      changes_.Report(kWireNewPart, Newer(field.name_span), Older(list_.older_owner), what);
      return;
    }
    if (!HasSince(comparison_, what, field.name_span, field.lifetime, list_.older_version)) return;
    const ChangePlace place = Newer(field.name_span);
    if (!CanBeAbsent(comparison_.newer, field)) {
      changes_.Report(kWireNeverAbsent, place, {}, what);
    } else {
      changes_.Report(kCompatibleNew, place, {}, what);
    }
  }

  Comparison& comparison_;
  Changes& changes_;
  const FieldList& list_;
};

}  // namespace

void CompareFields(Comparison& comparison, const FieldList& list, const std::vector<Field>& older,
                   const std::vector<Field>& newer) {
  FieldComparison(comparison, list).Compare(older, newer);
}

}  // namespace batonc
