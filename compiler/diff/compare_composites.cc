#include "compiler/diag/problems.h"
#include "compiler/diff/align.h"
#include "compiler/diff/comparison.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

template <class Composite>
void CompareUse(Comparison& comparison, const std::string& what, const Composite& older,
                const Composite& newer) {
  const ChangePlace before = Older(older.name_span);
  const ChangePlace now = Newer(newer.name_span);
  Changes& changes = comparison.changes;
  if (older.traits.is_sent_once != newer.traits.is_sent_once) {
    changes.Report(kSourceUseChanged, now, before, what,
                   newer.traits.is_sent_once ? "can be sent once" : "can be sent again and again",
                   older.traits.is_sent_once ? "only once" : "again and again");
  } else if (older.traits.is_copyable != newer.traits.is_copyable) {
    changes.Report(kSourceUseChanged, now, before, what,
                   newer.traits.is_copyable ? "can be copied" : "cannot be copied",
                   older.traits.is_copyable ? "could be" : "could not be");
  }
  if (older.wants_comparison && !newer.wants_comparison) {
    changes.Report(kSourceUseChanged, now, before, what, "is not [Comparable]", "was");
  }
}

std::vector<std::string> NamesOf(const Union& declaration) {
  std::vector<std::string> names;
  for (const UnionMember& member : declaration.members) names.push_back(member.name);
  return names;
}

void CompareMembers(Comparison& comparison, const std::string& owner, const UnionMember& older,
                    const UnionMember& newer) {
  const TypeChange change = CompareTypes(comparison, older.type, newer.type);
  if (change == TypeChange::kNone) return;
  comparison.changes.Report(change == TypeChange::kWire ? kWireTypeChanged : kSourceTypeChanged,
                            Newer(newer.type.span), Older(older.type.span),
                            PhraseOf("member", newer.name, owner),
                            Spell(comparison.newer, newer.type, NameStyle::kFull),
                            Spell(comparison.older, older.type, NameStyle::kFull));
}

}  // namespace

void CompareStructs(Comparison& comparison, StructId older_id, StructId newer_id) {
  const Struct& older = comparison.older.structure(older_id);
  const Struct& newer = comparison.newer.structure(newer_id);
  const std::string what = "struct `" + FullName(newer) + "`";
  const FieldList list = {.noun = "field",
                          .owner = what,
                          .older_owner = older.name_span,
                          .newer_owner = newer.name_span,
                          .older_version = VersionOf(comparison.older_versions.structs, older_id)};
  CompareFields(comparison, list, older.fields, newer.fields);
  CompareUse(comparison, what, older, newer);
}

void CompareUnions(Comparison& comparison, UnionId older_id, UnionId newer_id) {
  const Union& older = comparison.older.union_of(older_id);
  const Union& newer = comparison.newer.union_of(newer_id);
  const std::string what = "union `" + FullName(newer) + "`";
  const Alignment alignment = Align(NamesOf(older), NamesOf(newer));
  Changes& changes = comparison.changes;
  for (const auto& [before, now] : alignment.kept) {
    CompareMembers(comparison, what, older.members[before], newer.members[now]);
  }
  for (const auto& [before, now] : alignment.moved) {
    changes.Report(kWireMoved, Newer(newer.members[now].type.span),
                   Older(older.members[before].type.span),
                   PhraseOf("member", newer.members[now].name, what),
                   static_cast<std::int64_t>(now) + 1, static_cast<std::int64_t>(before) + 1);
  }
  for (const std::size_t gone : alignment.gone) {
    changes.Report(kWireGone, Older(older.members[gone].type.span), Newer(newer.name_span),
                   PhraseOf("member", older.members[gone].name, what));
  }
  for (const std::size_t inserted : alignment.inserted) {
    changes.Report(kWireInserted, Newer(newer.members[inserted].type.span), Older(older.name_span),
                   PhraseOf("member", newer.members[inserted].name, what));
  }
  // Members have no [Since], and an older reader refuses what it does not know.
  for (const std::size_t appended : alignment.appended) {
    changes.Report(kWireUnknownMember, Newer(newer.members[appended].type.span),
                   Older(older.name_span), PhraseOf("member", newer.members[appended].name, what));
  }
  CompareUse(comparison, what, older, newer);
}

}  // namespace batonc
