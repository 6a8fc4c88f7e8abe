#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/driver/compile.h"
#include "compiler/driver/incremental.h"
#include "compiler/driver/report.h"
#include "compiler/driver/run.h"
#include "compiler/driver/write_outputs.h"
#include "compiler/source/file_reader.h"

namespace batonc {
namespace {

// Where this very program is; it is among what its output depends on. Where there is no such name,
// no run is skipped.
constexpr const char* kThisProgram = "/proc/self/exe";

// All that decides what comes out, beside the content of files.
std::string Describe(const CompileCommand& command) {
  std::error_code ignored;
  std::string text = std::filesystem::current_path(ignored).string();
  const auto add = [&text](std::string_view name, const std::vector<std::string>& values) {
    for (const std::string& value : values) text.append("\n").append(name).append(value);
  };
  add("", command.input.files);
  add("-I", command.input.roots);
  add("--prelude ", command.input.preludes);
  add("--sync-allowlist ", {command.input.sync_allow_list});
  add("-o ", {command.output_folder});
  add("--depfile ", {command.depfile});
  add("--json ", {command.as_json ? "yes" : "no"});
  return text;
}

std::optional<std::string> ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

// One run of `compile`, from looking for a stamp to leaving one.
class CompileRun {
 public:
  explicit CompileRun(const CompileCommand& command)
      : command_(command), reader_(disk_), program_{kThisProgram, StateOf(kThisProgram), {}} {
    stamp_.command = Describe(command);
    stamp_path_ = StampPath(command.output_folder, stamp_.command);
  }

  int Run() {
    if (const auto code = RunByStamp()) return *code;
    SourceMap sources(reader_, command_.input.roots);
    Diagnostics diagnostics;
    const std::vector<OutputFile> outputs = Compile(sources, command_.input, diagnostics);
    const Findings findings = FindingsOf(sources, diagnostics);
    if (!Show(findings, command_.as_json)) return kExitUsage;
    if (findings.has_errors) return kExitProblems;
    for (const OutputFile& output : outputs) {
      if (!Write(command_.output_folder + "/" + output.path, output.text)) return kExitUsage;
    }
    if (!command_.depfile.empty() && !WriteDepfile(sources)) return kExitUsage;
    LeaveStamp(findings);
    return kExitFine;
  }

 private:
  // The exit code, if nothing has changed.
  std::optional<int> RunByStamp() {
    const auto text = ReadWhole(stamp_path_);
    if (!text) return std::nullopt;
    std::optional<Stamp> stamp = ParseStamp(*text);
    if (!stamp || stamp->command != stamp_.command) return std::nullopt;
    const Freshness freshness = CheckFreshness(*stamp);
    if (!freshness.is_fresh) return std::nullopt;
    if (freshness.was_updated) Save(*stamp);
    Findings findings;
    (command_.as_json ? findings.json : findings.text) = stamp->words;
    return Show(findings, command_.as_json) ? kExitFine : kExitUsage;
  }

  bool Write(const std::string& path, const std::string& text) {
    const auto written = WriteIfChanged(path, text);
    if (!written.has_value()) {
      ComplainAboutFile("write", path, written.error());
      return false;
    }
    stamp_.outputs.push_back({path, StateOf(path), ContentHash(text)});
    return true;
  }

  bool WriteDepfile(const SourceMap& sources) {
    std::vector<std::string> outputs;
    for (const StampedFile& output : stamp_.outputs) outputs.push_back(output.path);
    std::vector<std::string> inputs;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const FileId id{static_cast<std::uint32_t>(i)};
      if (!sources.IsEmbedded(id)) inputs.push_back(sources.file(id).path());
    }
    return Write(command_.depfile, DependencyFile(outputs, inputs));
  }

  void LeaveStamp(const Findings& findings) {
    if (program_.state.kind == FileState::Kind::kAbsent) return;
    stamp_.words = command_.as_json ? findings.json : findings.text;
    stamp_.inputs = reader_.seen();
    stamp_.inputs.push_back(program_);
    Save(stamp_);
  }

  // A stamp saves time and nothing else: where it cannot be written, the next run works.
  void Save(const Stamp& stamp) const {
    const auto ignored = WriteIfChanged(stamp_path_, FormatStamp(stamp));
    static_cast<void>(ignored);
  }

  const CompileCommand& command_;
  DiskReader disk_;
  RecordingReader reader_;
  StampedFile program_;
  Stamp stamp_;
  std::string stamp_path_;
};

}  // namespace

int Run(const CompileCommand& command) {
  return CompileRun(command).Run();
}

}  // namespace batonc
