#include "compiler/check/suggest_type.h"

#include <string>

#include "compiler/check/builtin_types.h"
#include "compiler/check/edit_distance.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

bool IsGeckoName(std::string_view name) {
  const bool is_capital = name.size() > 2 && name[2] >= 'A' && name[2] <= 'Z';
  return name == "nsresult" || (name.starts_with("ns") && is_capital);
}

// `visit(name, declaration)` for all that `file` declares and its includes bring in.
template <class Visit>
void ForEachVisible(const CheckContext& context, FileId file, Visit visit) {
  const auto visit_file = [&](FileId id, bool only_protocols) {
    for (const Declaration& declaration : context.model.file(id).declarations) {
      if (only_protocols && !std::holds_alternative<ProtocolId>(declaration)) continue;
      const auto head = [](const DeclarationHead& one) { return std::string_view(one.name); };
      const Model& model = context.model;
      visit(std::visit(Overloaded{[&](EnumId i) { return head(model.enumeration(i)); },
                                  [&](StructId i) { return head(model.structure(i)); },
                                  [&](UnionId i) { return head(model.union_of(i)); },
                                  [&](ProtocolId i) { return head(model.protocol(i)); },
                                  [&](ExternalId i) { return head(model.external(i)); },
                                  [&](ConstantId i) { return head(model.constant(i)); }},
                       declaration),
            declaration);
    }
  };
  visit_file(file, false);
  for (const Import& import : context.scopes.ImportsOf(file)) {
    visit_file(import.file, import.only_protocols);
  }
}

}  // namespace

void SuggestType(const CheckContext& context, const TypeSyntax& type, Diagnostic& problem) {
  const FileId file = type.name_span.file;
  if (IsGeckoName(type.name)) {
    problem.Because(kGeckoType, type.name_span);
    return;
  }
  const Dialect dialect = context.model.file(file).dialect;
  if (std::string_view meant = BuiltinMeantBy(type.name); !meant.empty()) {
    const Builtin& builtin = *FindBuiltin(meant);
    if (dialect == Dialect::kIpdl && builtin.is_ours) meant = builtin.ipdl_name;
    if (!meant.empty()) problem.Suggest(type.name_span, meant);
    return;
  }
  std::vector<std::string> candidates = BuiltinNames(dialect);
  ForEachVisible(context, file, [&](std::string_view name, const Declaration& declaration) {
    const bool is_type = !std::holds_alternative<ProtocolId>(declaration) &&
                         !std::holds_alternative<ConstantId>(declaration);
    if (is_type) candidates.emplace_back(name);
  });
  if (const auto meant = NearestName(type.name, candidates)) {
    problem.Suggest(type.name_span, *meant);
  }
}

void SuggestEndpoint(const CheckContext& context, const TypeSyntax& argument, Diagnostic& problem) {
  std::vector<std::string> candidates;
  for (const std::string& name : VisibleProtocols(context, argument.name_span.file)) {
    candidates.push_back(name + "Parent");
    candidates.push_back(name + "Child");
  }
  if (const auto meant = NearestName(argument.name, candidates)) {
    problem.Suggest(argument.name_span, *meant);
  }
}

std::vector<std::string> VisibleProtocols(const CheckContext& context, FileId file) {
  std::vector<std::string> names;
  ForEachVisible(context, file, [&](std::string_view name, const Declaration& declaration) {
    if (std::holds_alternative<ProtocolId>(declaration)) names.emplace_back(name);
  });
  return names;
}

}  // namespace batonc
