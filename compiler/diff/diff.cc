#include "compiler/diff/diff.h"

#include <fmt/format.h>

#include <string>
#include <unordered_map>

#include "compiler/diag/problems.h"
#include "compiler/diff/comparison.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

constexpr std::string_view kKinds[] = {"enum", "struct", "union", "protocol", "using", "const"};

// What a preludes brings along is nobody's protocol.
template <class Visitor>
void ForEachDeclaration(const Model& model, Visitor visit) {
  for (const File& file : model.files) {
    if (file.is_prelude) continue;
    for (const Declaration& declaration : file.declarations) visit(declaration);
  }
}

// "struct `media::Frame`": declarations of another kind are others.
std::string Phrase(const Model& model, const Declaration& declaration) {
  return fmt::format("{} `{}`", kKinds[declaration.index()], FullName(HeadOf(model, declaration)));
}

class ModelDiff {
 public:
  ModelDiff(const Model& older, const Model& newer, const DiffSettings& settings)
      : settings_(settings), comparison_{older, newer, FindReachedVersions(older), {}, {}, {}, {},
                                         {},    {}} {
    Name(older, before_);
    Name(newer, now_);
  }

  std::vector<Change> Run() {
    RememberWhatBelongsToOne();
    for (const auto& [phrase, older] : before_) {
      if (const auto newer = now_.find(phrase); newer != now_.end()) Compare(older, newer->second);
    }
    CompareRenamed();
    for (const auto& [phrase, older] : before_) {
      if (!now_.contains(phrase)) ReportGone(phrase, older);
    }
    for (const auto& [phrase, newer] : now_) {
      if (!before_.contains(phrase)) ReportNew(phrase, newer);
    }
    return comparison_.changes.Take();
  }

 private:
  using ByPhrase = std::unordered_map<std::string, Declaration>;

  static void Name(const Model& model, ByPhrase& phrases) {
    ForEachDeclaration(model, [&](const Declaration& declaration) {
      phrases.emplace(Phrase(model, declaration), declaration);
    });
  }

  static std::string_view NameIn(std::string_view phrase) {
    const std::size_t begin = phrase.find('`') + 1;
    return phrase.substr(begin, phrase.size() - begin - 1);
  }

  void RememberWhatBelongsToOne() {
    for (const auto& [phrase, older] : before_) {
      if (!now_.contains(phrase)) comparison_.gone.insert(NameIn(phrase));
    }
    for (const auto& [phrase, newer] : now_) {
      if (!before_.contains(phrase)) comparison_.added.insert(NameIn(phrase));
    }
  }

  const DeclarationHead& OlderHead(const Declaration& id) const {
    return HeadOf(comparison_.older, id);
  }
  const DeclarationHead& NewerHead(const Declaration& id) const {
    return HeadOf(comparison_.newer, id);
  }

  // Both are of one kind.
  void Compare(const Declaration& older, const Declaration& newer) {
    CompareHeaders(older, newer);
    std::visit([&](const auto& id) { CompareIds(id, std::get<std::decay_t<decltype(id)>>(newer)); },
               older);
  }

  void CompareHeaders(const Declaration& older, const Declaration& newer) {
    const std::string& was = comparison_.older.file(OlderHead(older).file).output;
    const std::string& is = comparison_.newer.file(NewerHead(newer).file).output;
    if (!settings_.files_matter || was == is) return;
    comparison_.changes.Report(kSourceMoved, Newer(NewerHead(newer).name_span),
                               Older(OlderHead(older).name_span), Phrase(comparison_.newer, newer),
                               is, was);
  }

  void CompareIds(EnumId older, EnumId newer) { CompareEnums(comparison_, older, newer); }
  void CompareIds(StructId older, StructId newer) { CompareStructs(comparison_, older, newer); }
  void CompareIds(UnionId older, UnionId newer) { CompareUnions(comparison_, older, newer); }
  void CompareIds(ProtocolId older, ProtocolId newer) {
    CompareProtocols(comparison_, comparison_.older.protocol(older),
                     comparison_.newer.protocol(newer));
  }
  void CompareIds(ExternalId older_id, ExternalId newer_id) {
    const External& older = comparison_.older.external(older_id);
    const External& newer = comparison_.newer.external(newer_id);
    if (older.is_ref_counted == newer.is_ref_counted && older.move_only == newer.move_only) return;
    comparison_.changes.Report(kSourceUseChanged, Newer(newer.name_span), Older(older.name_span),
                               Phrase(comparison_.newer, newer_id), "is passed in another way",
                               "not so");
  }
  void CompareIds(ConstantId older_id, ConstantId newer_id) {
    const Constant& older = comparison_.older.constant(older_id);
    const Constant& newer = comparison_.newer.constant(newer_id);
    const ChangePlace before = Older(older.name_span);
    const ChangePlace now = Newer(newer.name_span);
    const std::string what = Phrase(comparison_.newer, newer_id);
    const std::string was_type = Spell(comparison_.older, older.type, NameStyle::kFull);
    const std::string is_type = Spell(comparison_.newer, newer.type, NameStyle::kFull);
    if (was_type != is_type) {
      comparison_.changes.Report(kSourceUseChanged, now, before, what,
                                 "has the type `" + is_type + "`", "had `" + was_type + "`");
    }
    const std::string was = Spell(comparison_.older, older.value);
    const std::string is = Spell(comparison_.newer, newer.value);
    if (was != is) {
      comparison_.changes.Report(kCompatibleChange, now, before, what, "the value " + is, was);
    }
  }

  // What is inside of renamed types may be renamed as well.
  void CompareRenamed() {
    std::set<std::pair<std::string, std::string>> done;
    for (bool any = true; any;) {
      any = false;
      any |= CompareRenamed(comparison_.renamed_enums, done);
      any |= CompareRenamed(comparison_.renamed_structs, done);
      any |= CompareRenamed(comparison_.renamed_unions, done);
    }
  }

  template <class Id>
  bool CompareRenamed(const std::set<std::pair<Id, Id>>& pairs,
                      std::set<std::pair<std::string, std::string>>& done) {
    const std::vector<std::pair<Id, Id>> known(pairs.begin(), pairs.end());
    bool any = false;
    for (const auto& [older, newer] : known) {
      const std::string was = Phrase(comparison_.older, older);
      const std::string is = Phrase(comparison_.newer, newer);
      if (!done.emplace(was, is).second) continue;
      any = true;
      comparison_.changes.Report(kSourceRenamed, Newer(NewerHead(newer).name_span),
                                 Older(OlderHead(older).name_span), is, FullName(OlderHead(older)));
      CompareIds(older, newer);
      renamed_.insert(was);
      renamed_.insert(is);
    }
    return any;
  }

  void ReportGone(const std::string& phrase, const Declaration& older) {
    if (renamed_.contains(phrase)) return;
    const ChangePlace place = Older(OlderHead(older).name_span);
    if (std::holds_alternative<ProtocolId>(older)) {
      comparison_.changes.Report(kWireProtocolGone, place, {}, phrase);
    } else {
      comparison_.changes.Report(kSourceGone, place, {}, phrase);
    }
  }

  void ReportNew(const std::string& phrase, const Declaration& newer) {
    if (renamed_.contains(phrase)) return;
    comparison_.changes.Report(kCompatibleNew, Newer(NewerHead(newer).name_span), {}, phrase);
  }

  DiffSettings settings_;
  Comparison comparison_;
  ByPhrase before_;  // references to its keys stay valid
  ByPhrase now_;
  std::set<std::string> renamed_;
};

}  // namespace

std::vector<Change> Diff(const Model& older, const Model& newer, const DiffSettings& settings) {
  return ModelDiff(older, newer, settings).Run();
}

}  // namespace batonc
