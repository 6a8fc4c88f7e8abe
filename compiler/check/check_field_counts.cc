#include <string>
#include <vector>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// FlatBuffers itself ends at 32,765: what a table says about its fields has 16 bits for its length.
constexpr std::size_t kMaxFields = 1000;

void CheckCount(CheckContext& context, const std::vector<Field>& fields, const std::string& whose) {
  if (fields.size() <= kMaxFields) return;
  context.Report(kTooManyFields, fields[kMaxFields].name_span, whose,
                 static_cast<std::int64_t>(fields.size()), static_cast<std::int64_t>(kMaxFields));
}

}  // namespace

void CheckFieldCounts(CheckContext& context) {
  for (const Struct& structure : context.model.structs) {
    CheckCount(context, structure.fields, "struct `" + structure.name + "`");
  }
  for (const Protocol& protocol : context.model.protocols) {
    for (const Message& message : protocol.messages) {
      const std::string name = "`" + message.name + "`";
      CheckCount(context, message.parameters, "message " + name);
      if (message.returns) CheckCount(context, *message.returns, "the answer to " + name);
    }
  }
}

}  // namespace batonc
