#include "runtime/looking/trace_file.h"

#include <cstdlib>

#include <baton/platform/own_process.h>

#include "runtime/looking/trace_event.h"

namespace baton::internal {
namespace {

constexpr std::string_view kSuffix = ".json";

TraceFile* the_file = nullptr;  // for the handlers of fork and exit, which take no arguments

thread_local std::uint64_t introduced_in = ~std::uint64_t{0};  // this thread, in which incarnation

}  // namespace

std::string TracePath(std::string_view pattern, std::uint64_t process) {
  const std::string number = std::to_string(process);
  std::string path(pattern);
  std::size_t at = path.find("%p");
  if (at == std::string::npos) {
    const std::size_t suffix = path.ends_with(kSuffix) ? kSuffix.size() : 0;
    return path.insert(path.size() - suffix, "." + number);
  }
  for (; at != std::string::npos; at = path.find("%p", at + number.size())) {
    path.replace(at, 2, number);
  }
  return path;
}

Result<TraceFile*> TraceFile::OpenForEver(std::string_view pattern) {
  auto* const file = new TraceFile(pattern);
  if (const auto opened = file->OpenFile(); !opened) {
    delete file;
    return Fail(opened.error());
  }
  the_file = file;
  (void)platform::WhenForking(&BeforeFork, &InParent, &InChild);
  (void)std::atexit([] { the_file->Finish(); });
  return file;
}

Result<void> TraceFile::OpenFile() {
  const std::string path = TracePath(pattern_, platform::ProcessId());
  BATON_TRY(file_, platform::OutputFile::Open(path, platform::OutputFile::Content::kDiscard));
  TraceEvent event('M', Moment());
  event.Text("name", "process_name").Arguments().Text("name", platform::ProgramName());
  buffer_ = "[\n" + event.Take();
  return {};
}

void TraceFile::Add(std::string_view event) {
  const std::lock_guard lock(mutex_);
  if (is_finished_) return;
  if (!file_) {
    if (const auto opened = OpenFile(); !opened) return GiveUp(opened.error());
  }
  if (introduced_in != incarnation_) IntroduceThread();
  Append(event);
}

void TraceFile::IntroduceThread() {
  introduced_in = incarnation_;
  TraceEvent event('M', Moment());
  event.Text("name", "thread_name").Arguments().Text("name", platform::ThreadName());
  Append(event.Take());
}

void TraceFile::Append(std::string_view event) {
  if (buffer_.size() + event.size() > kChunk) WriteBuffer();
  buffer_ += ",\n";
  buffer_ += event;
}

void TraceFile::WriteBuffer() {
  if (is_finished_ || !file_) return;
  const auto written = file_->Write(buffer_);
  buffer_.clear();
  if (!written) GiveUp(written.error());
}

void TraceFile::Flush() {
  const std::lock_guard lock(mutex_);
  if (!buffer_.empty()) WriteBuffer();
}

void TraceFile::Finish() {
  const std::lock_guard lock(mutex_);
  buffer_ += "\n]\n";
  WriteBuffer();
  is_finished_ = true;
}

void TraceFile::GiveUp(std::error_code error) {
  is_finished_ = true;
  (void)platform::OutputFile::StandardError().Write(
      "baton: no more of BATON_TRACE is written: " + error.message() + "\n");
}

void TraceFile::BeforeFork() {
  the_file->mutex_.lock();
}

void TraceFile::InParent() {
  the_file->mutex_.unlock();
}

// What the buffer holds is the parent's to write.
void TraceFile::InChild() {
  the_file->buffer_.clear();
  the_file->file_.reset();
  ++the_file->incarnation_;
  the_file->mutex_.unlock();
}

}  // namespace baton::internal
