#include <fmt/format.h>

#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <baton/platform/output_file.h>
#include "tools/memtrack/cli/passes.h"
#include "tools/memtrack/cli/run.h"
#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/record/recording_writer.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/view/trace.h"
#include "tools/memtrack/view/verdict_text.h"

namespace memtrack {
namespace {

using baton::Result;
using baton::platform::OutputFile;

// A file that is written to as it goes, so that what was seen is there when memtrack is killed.
// Nothing, or false, where that does not work; then that is said.
class GrowingFile {
 public:
  static std::optional<GrowingFile> Open(const std::string& path, Surroundings& surroundings) {
    auto opened = OutputFile::Open(path, OutputFile::Content::kDiscard);
    if (opened) return GrowingFile(*std::move(opened), path, surroundings);
    Complain(path, opened.error(), surroundings);
    return std::nullopt;
  }

  bool Append(const std::string& text) {
    const Result<void> written = file_.Write(text);
    if (!written) Complain(path_, written.error(), *surroundings_);
    return written.has_value();
  }

 private:
  GrowingFile(OutputFile file, std::string path, Surroundings& surroundings)
      : file_(std::move(file)), path_(std::move(path)), surroundings_(&surroundings) {}
  static void Complain(const std::string& path, const std::error_code& error,
                       Surroundings& surroundings) {
    surroundings.err << fmt::format("memtrack: cannot write `{}`: {}\n", Displayable(path),
                                    error.message());
  }

  OutputFile file_;
  std::string path_;
  Surroundings* surroundings_;
};

}  // namespace

int Run(const RecordCommand& command, Surroundings& surroundings) {
  auto passes = Passes::Open(command.source, surroundings);
  if (!passes) return kExitUsage;
  auto recording = GrowingFile::Open(command.file, surroundings);
  if (!recording) return kExitUsage;
  std::optional<GrowingFile> trace_file;
  if (!command.trace.empty()) {
    trace_file = GrowingFile::Open(command.trace, surroundings);
    if (!trace_file) return kExitUsage;
  }
  TraceText trace;
  Series series;
  std::size_t count = 0;
  bool is_partial = false;
  if (!recording->Append(RecordingHeader())) return kExitUsage;
  for (std::optional<Snapshot> snapshot;; ++count) {
    if (!passes->Next(snapshot)) return kExitUsage;
    if (!snapshot) break;
    is_partial = snapshot->coverage.is_partial();
    if (!recording->Append(RecordingLine(*snapshot))) return kExitUsage;
    if (!trace_file) continue;
    series.Add(BuildModel(*std::move(snapshot), Share::kOwner));
    const std::string events = trace.EventsOf(series.models().back(), Judge(series.course(), {}));
    if (!trace_file->Append(events)) return kExitUsage;
  }
  surroundings.err << fmt::format("memtrack: {} in `{}`\n", Counted(count, "snapshot"),
                                  Displayable(command.file));
  return is_partial ? kExitPartial : kExitClean;
}

}  // namespace memtrack
