#include <filesystem>
#include <string>

#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class FileChecker {
 public:
  explicit FileChecker(CheckContext& context) : context_(context) {}

  void Check(const File& file) {
    const std::filesystem::path path(file.path);
    const std::string ending = path.extension().string();
    const bool is_header = ending.ends_with("h");
    bool is_first = true;
    for (const Declaration& declaration : file.declarations) {
      const auto* id = std::get_if<ProtocolId>(&declaration);
      if (id == nullptr) continue;
      const Protocol& protocol = context_.model.protocol(*id);
      CheckName(protocol);
      if (is_header) {
        context_.Report(kProtocolInHeader, protocol.name_span, protocol.name);
      } else if (file.dialect == Dialect::kIpdl) {
        CheckPlace(protocol, is_first, path.filename().string(), ending);
      }
      is_first = false;
    }
    if (is_first && !is_header && file.dialect == Dialect::kIpdl) CheckEmpty(file);
  }

 private:
  void CheckName(const Protocol& protocol) {
    if (protocol.name.starts_with('P')) return;
    context_.Report(kNoLeadingP, protocol.name_span, protocol.name);
  }

  // IPDL: one protocol, in a file of its name.
  void CheckPlace(const Protocol& protocol, bool is_first, const std::string& name,
                  const std::string& ending) {
    const std::string expected = protocol.name + ending;
    if (!is_first) {
      context_.Report(kSecondProtocol, protocol.name_span, protocol.name);
    } else if (name != expected) {
      context_.Report(kFileName, protocol.name_span, protocol.name, expected);
    }
  }

  // Something else may have kept the protocol from being understood.
  void CheckEmpty(const File& file) {
    if (context_.diagnostics.HasErrorsIn(file.id)) return;
    context_.Report(kNoProtocol, {file.id, 0, 0});
  }

  CheckContext& context_;
};

}  // namespace

void CheckFiles(CheckContext& context) {
  FileChecker checker(context);
  for (const File& file : context.model.files) checker.Check(file);
}

}  // namespace batonc
