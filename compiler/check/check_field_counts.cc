#include <string>
#include <vector>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// FlatBuffers itself ends at 32,765: what a table says about its fields has 16 bits for its length.
constexpr std::size_t kMaxFields = 1000;

void CheckCount(const std::vector<Field>& fields, const std::string& whose,
                Diagnostics& diagnostics) {
  if (fields.size() <= kMaxFields) return;
  diagnostics.Report(kTooManyFields, fields[kMaxFields].name_span, whose,
                     static_cast<std::int64_t>(fields.size()),
                     static_cast<std::int64_t>(kMaxFields));
}

}  // namespace

void CheckFieldCounts(const Model& model, Diagnostics& diagnostics) {
  for (const Struct& structure : model.structs) {
    CheckCount(structure.fields, "struct `" + structure.name + "`", diagnostics);
  }
  for (const Protocol& protocol : model.protocols) {
    for (const Message& message : protocol.messages) {
      const std::string name = "`" + message.name + "`";
      CheckCount(message.parameters, "message " + name, diagnostics);
      if (message.returns) CheckCount(*message.returns, "the answer to " + name, diagnostics);
    }
  }
}

}  // namespace batonc
