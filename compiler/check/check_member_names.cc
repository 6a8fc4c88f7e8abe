#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/check/builtin_types.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

using Names = std::unordered_map<std::string_view, Span>;

class MemberChecker {
 public:
  explicit MemberChecker(CheckContext& context) : context_(context) {}

  void Run() {
    for (const Enum& enumeration : context_.model.enums) CheckEnum(enumeration);
    for (const Struct& structure : context_.model.structs) {
      Names names;
      CheckFields(structure.fields, kFieldTwice, {}, names);
    }
    for (const Protocol& protocol : context_.model.protocols) CheckProtocol(protocol);
  }

 private:
  // True when `name` was not there before.
  bool Enter(Names& names, const std::string& name, Span span, const Problem<Words>& twice) {
    const auto [first, is_new] = names.emplace(name, span);
    if (!is_new) context_.Report(twice, span, name).Because(kFirstDeclaredHere, first->second);
    return is_new;
  }

  void CheckEnum(const Enum& enumeration) {
    Names names;
    for (const Enumerator& enumerator : enumeration.enumerators) {
      Enter(names, enumerator.name, enumerator.name_span, kEnumeratorTwice);
    }
  }

  void CheckFields(const std::vector<Field>& fields, const Problem<Words>& twice,
                   const Names& around, Names& names) {
    for (const Field& field : fields) {
      if (Enter(names, field.name, field.name_span, twice)) CheckVisible(field, around);
    }
  }

  // In IPDL the names of the built-in types are as visible as any other.
  void CheckVisible(const Field& field, const Names& around) {
    const FileId file = field.name_span.file;
    if (const auto message = around.find(field.name); message != around.end()) {
      ReportTaken(field, message->second);
    } else if (const Symbol* symbol = context_.scopes.Find(file, field.name)) {
      ReportTaken(field, symbol->name_span);
    } else if (context_.IsIpdl(file) && IsTakenInIpdl(file, field.name)) {
      context_.Report(kNameTaken, field.name_span, field.name);
    }
  }

  bool IsTakenInIpdl(FileId file, std::string_view name) const {
    return IsBuiltinOfIpdl(name) || context_.Find(file, name) != nullptr;
  }

  void ReportTaken(const Field& field, Span first) {
    context_.Report(kNameTaken, field.name_span, field.name).Because(kFirstDeclaredHere, first);
  }

  // Parameters and returns share a scope, inside that of the messages before them.
  void CheckProtocol(const Protocol& protocol) {
    Names earlier;
    for (const Message& message : protocol.messages) {
      Names names;
      CheckFields(message.parameters, kParameterTwice, earlier, names);
      if (message.returns) CheckFields(*message.returns, kParameterTwice, earlier, names);
      earlier.emplace(message.name, message.name_span);
    }
  }

  CheckContext& context_;
};

}  // namespace

void CheckMemberNames(CheckContext& context) {
  MemberChecker(context).Run();
}

}  // namespace batonc
