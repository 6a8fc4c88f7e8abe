#include "compiler/lower/check_generable.h"

#include <algorithm>
#include <string>

#include "compiler/diag/problems.h"
#include "compiler/lower/carried.h"

namespace batonc {
namespace {

void CheckProtocol(const Model& model, const Protocol& protocol, Diagnostics& diagnostics) {
  std::vector<std::string_view> reasons;
  for (const Message& message : protocol.messages) {
    for (const std::string_view reason : MissingFor(model, message)) {
      if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(reason);
    }
  }
  if (reasons.empty()) return;
  std::string list;
  for (const std::string_view reason : reasons) {
    list += (list.empty() ? "" : ", ") + std::string(reason);
  }
  diagnostics.Report(kNotCarriedYet, protocol.name_span, protocol.name, list);
}

void CheckStruct(const Model& model, const Struct& structure, Diagnostics& diagnostics) {
  for (const Field& field : structure.fields) {
    const std::string_view missing = MissingIn(model, field.type);
    if (missing.empty()) continue;
    diagnostics.Report(kTypeNotCarriedYet, structure.name_span, structure.name, missing)
        .Because(kHeldHere, field.type.span, field.name);
    return;
  }
}

void CheckUnion(const Model& model, const Union& declaration, Diagnostics& diagnostics) {
  if (declaration.members.size() > kMaxAlternatives) {
    diagnostics.Report(kTypeNotCarriedYet, declaration.name_span, declaration.name,
                       "more than 254 alternatives");
    return;
  }
  for (const UnionMember& member : declaration.members) {
    const std::string_view missing = MissingIn(model, member.type);
    if (missing.empty()) continue;
    diagnostics.Report(kTypeNotCarriedYet, declaration.name_span, declaration.name, missing)
        .Because(kHeldHere, member.type.span, member.name);
    return;
  }
}

}  // namespace

void CheckGenerable(const Model& model, const std::vector<FileId>& files,
                    Diagnostics& diagnostics) {
  for (const FileId file : files) {
    for (const Declaration& declaration : model.file(file).declarations) {
      std::visit(
          Overloaded{[&](ProtocolId id) { CheckProtocol(model, model.protocol(id), diagnostics); },
                     [&](StructId id) { CheckStruct(model, model.structure(id), diagnostics); },
                     [&](UnionId id) { CheckUnion(model, model.union_of(id), diagnostics); },
                     [](const auto&) {}},
          declaration);
    }
  }
}

}  // namespace batonc
