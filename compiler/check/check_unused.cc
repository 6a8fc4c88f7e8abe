#include <filesystem>
#include <optional>
#include <vector>

#include "compiler/check/innermost.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// What is in a header is there for whoever includes it; enums and constants are there for C++ as
// well.
class UnusedChecker {
 public:
  explicit UnusedChecker(CheckContext& context)
      : context_(context),
        structs_(context.model.structs.size()),
        unions_(context.model.unions.size()),
        externals_(context.model.externals.size()),
        constructed_(context.model.protocols.size()) {}

  void Run() {
    const Model& model = context_.model;
    for (std::size_t i = 0; i < structs_.size(); ++i) {
      for (const Field& field : model.structs[i].fields) Use(field.type, StructId(i));
    }
    for (std::size_t i = 0; i < unions_.size(); ++i) {
      for (const UnionMember& member : model.unions[i].members) Use(member.type, UnionId(i));
    }
    for (const Protocol& protocol : model.protocols) UseMessages(protocol);
    if (context_.diagnostics.HasErrors()) return;  // what is wrong may have been meant as the use
    for (const File& file : model.files) CheckFile(file);
  }

 private:
  void Use(const Type& type, std::optional<Declaration> user);
  void UseMessages(const Protocol& protocol);
  void CheckFile(const File& file);
  void CheckProtocol(ProtocolId id);

  bool IsUsed(StructId id) const { return structs_[static_cast<std::size_t>(id)]; }
  bool IsUsed(UnionId id) const { return unions_[static_cast<std::size_t>(id)]; }
  bool IsUsed(ExternalId id) const { return externals_[static_cast<std::size_t>(id)]; }
  bool IsUsed(ProtocolId) const { return true; }
  bool IsUsed(EnumId) const { return true; }
  bool IsUsed(ConstantId) const { return true; }

  CheckContext& context_;
  std::vector<bool> structs_, unions_, externals_;
  std::vector<bool> constructed_;  // by ProtocolId: by a constructor or a ManagedEndpoint
};

// Who uses itself is not used by that.
void UnusedChecker::Use(const Type& type, std::optional<Declaration> user) {
  const auto mark = [&](std::vector<bool>& used, auto id) {
    if (user != Declaration(id)) used[static_cast<std::size_t>(id)] = true;
  };
  ForEachInnermost(type, [&](const Type& innermost) {
    std::visit(
        Overloaded{[&](StructId id) { mark(structs_, id); }, [&](UnionId id) { mark(unions_, id); },
                   [&](ExternalType external) { mark(externals_, external.id); },
                   [&](EndpointType end) {
                     if (end.is_managed) mark(constructed_, end.protocol);
                   },
                   [](const auto&) {}},
        innermost.kind);
  });
}

void UnusedChecker::UseMessages(const Protocol& protocol) {
  for (const Message& message : protocol.messages) {
    for (const Field& field : message.parameters) Use(field.type, {});
    if (message.returns) {
      for (const Field& field : *message.returns) Use(field.type, {});
    }
    if (message.fails) Use(*message.fails, {});
    if (message.constructs) constructed_[static_cast<std::size_t>(*message.constructs)] = true;
  }
}

void UnusedChecker::CheckFile(const File& file) {
  const bool is_header = std::filesystem::path(file.path).extension().string().ends_with("h");
  bool has_protocol = false;
  for (const Declaration& declaration : file.declarations) {
    if (const auto* id = std::get_if<ProtocolId>(&declaration)) {
      has_protocol = true;
      CheckProtocol(*id);
    }
  }
  if (is_header || file.is_prelude || !has_protocol) return;
  for (const Declaration& declaration : file.declarations) {
    std::visit(
        [&](auto id) {
          if (IsUsed(id)) return;
          const DeclarationHead& head = context_.At(id);
          context_.Report(kUnused, head.name_span, KindOf(declaration), head.name);
        },
        declaration);
  }
}

// A constructor or an endpoint may stand in a file that was not found.
void UnusedChecker::CheckProtocol(ProtocolId id) {
  const Protocol& protocol = context_.At(id);
  if (protocol.managers.empty() || constructed_[static_cast<std::size_t>(id)]) return;
  if (!context_.scopes.IsComplete(protocol.file)) return;
  context_.Report(kNotConstructible, protocol.name_span, protocol.name);
}

}  // namespace

void CheckUnused(CheckContext& context) {
  UnusedChecker(context).Run();
}

}  // namespace batonc
