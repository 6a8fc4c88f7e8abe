#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "compiler/diag/displayed_text.h"
#include "compiler/diff/diff.h"
#include "compiler/diff/diff_renderer.h"
#include "compiler/driver/front_end.h"
#include "compiler/driver/report.h"
#include "compiler/driver/run.h"
#include "compiler/source/file_reader.h"

namespace batonc {
namespace {

namespace fs = std::filesystem;

bool IsProtocolFile(const fs::path& path) {
  const fs::path ending = path.extension();
  return ending == ".idl" || ending == ".idlh" || ending == ".ipdl" || ending == ".ipdlh";
}

// Sorted, whatever order the disk has them in. Errors: the system's.
std::vector<std::string> FilesBelow(const std::string& folder, std::error_code& error) {
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (IsProtocolFile(at->path()) && !at->is_directory()) files.push_back(at->path().string());
  }
  std::ranges::sort(files);
  return files;
}

// One of the two states.
class State {
 public:
  State(const DiffCommand& command, const std::string& path) : input_(command.input), path_(path) {
    std::error_code ignored;
    is_folder_ = fs::is_directory(path, ignored);
  }

  // False, and said so, when the folder cannot be read or holds nothing.
  bool Find() {
    if (!is_folder_) {
      input_.files = {path_};
      return true;
    }
    std::error_code error;
    input_.files = FilesBelow(path_, error);
    if (error) {
      ComplainAboutFile("read", path_, error);
    } else if (input_.files.empty()) {
      PrintError(fmt::format("batonc: there is no .idl file in `{}`\n", Displayable(path_)));
    }
    input_.roots.insert(input_.roots.begin(), path_);
    return !error && !input_.files.empty();
  }

  void Check() {
    sources_.emplace(disk_, input_.roots);
    checked_ = ReadAndCheck(*sources_, input_, diagnostics_);
  }

  bool is_folder() const { return is_folder_; }
  const SourceMap& sources() const { return *sources_; }
  const Diagnostics& diagnostics() const { return diagnostics_; }
  const Model& model() const { return checked_.model; }

 private:
  InputOptions input_;
  std::string path_;
  bool is_folder_ = false;
  DiskReader disk_;
  std::optional<SourceMap> sources_;
  Diagnostics diagnostics_;
  CheckedFiles checked_;
};

std::size_t CountOf(const std::vector<Change>& changes, Breaks breaks) {
  return static_cast<std::size_t>(std::ranges::count(changes, breaks, &Change::breaks));
}

void Summarize(std::size_t wire, std::size_t source) {
  const auto number = [](std::size_t count) {
    return count == 1 ? std::string("1 change breaks") : fmt::format("{} changes break", count);
  };
  std::string text = "batonc: ";
  if (wire > 0) text += number(wire) + " the wire";
  if (wire > 0 && source > 0) text += ", ";
  if (source > 0) text += number(source) + " the source of users";
  if (wire + source > 0) PrintError(text + "\n");
}

int Report(const DiffCommand& command, const State& older, const State& newer) {
  const std::vector<Change> changes =
      Diff(older.model(), newer.model(), {.files_matter = older.is_folder()});
  const DiffRenderer renderer(older.sources(), newer.sources());
  std::vector<Diagnostic> shown = renderer.DiagnosticsOf(changes);
  if (!command.show_all && !command.as_json) {
    std::erase_if(shown, [](const Diagnostic& one) { return one.severity == Severity::kNote; });
  }
  if (!Show(FindingsOf(renderer.Files(), std::move(shown), 0), command.as_json)) return kExitUsage;
  const std::size_t wire = CountOf(changes, Breaks::kWire);
  const std::size_t source = CountOf(changes, Breaks::kSource);
  if (!command.as_json) Summarize(wire, source);
  return wire > 0 || (command.source_breaks && source > 0) ? kExitProblems : kExitFine;
}

}  // namespace

int Run(const DiffCommand& command) {
  State older(command, command.older);
  State newer(command, command.newer);
  if (older.is_folder() != newer.is_folder()) {
    PrintError("batonc: OLD and NEW must be two files or two folders\n");
    return kExitUsage;
  }
  if (!older.Find() || !newer.Find()) return kExitUsage;
  for (State* state : {&older, &newer}) {
    state->Check();
    if (!state->diagnostics().HasErrors()) continue;  // warnings are no matter of differences
    const bool is_shown = Show(FindingsOf(state->sources(), state->diagnostics()), command.as_json);
    return is_shown ? kExitProblems : kExitUsage;
  }
  return Report(command, older, newer);
}

}  // namespace batonc
