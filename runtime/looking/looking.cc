#include "runtime/looking/looking.h"

#include <mutex>
#include <string>
#include <utility>

#include <baton/message_log.h>
#include <baton/platform/output_file.h>
#include <baton/platform/own_process.h>

#include "platform/probes.h"

namespace baton {
namespace internal {
namespace {

using platform::OutputFile;

// Never destroyed: handlers may run while the process ends.
struct Looking {
  std::mutex mutex;
  std::shared_ptr<const MessageLog> log;
  Trace* trace = nullptr;
};

Looking& TheLooking() {
  static Looking& looking = *new Looking;
  return looking;
}

void Complain(const std::string& about, std::error_code error) {
  (void)OutputFile::StandardError().Write("baton: " + about + ": " + error.message() + "\n");
}

OutputFile LogFile() {
  const auto path = platform::SecureEnvironment("BATON_LOG_FILE");
  if (!path) return OutputFile::StandardError();
  auto file = OutputFile::Open(*path, OutputFile::Content::kKeep);
  if (file) return *std::move(file);
  Complain("BATON_LOG_FILE, standard error is taken instead", file.error());
  return OutputFile::StandardError();
}

std::shared_ptr<const MessageLog> LogOfEnvironment() {
  const auto text = platform::SecureEnvironment("BATON_LOG");
  if (!text || text->empty()) return nullptr;
  auto patterns = MessagePatterns::Parse(*text);
  if (!patterns) {
    Complain("BATON_LOG is ignored", patterns.error());
    return nullptr;
  }
  const auto file = std::make_shared<const OutputFile>(LogFile());
  return std::make_shared<const MessageLog>(*std::move(patterns), [file](std::string_view line) {
    (void)file->Write(std::string(line) + "\n");
  });
}

Trace* TraceOfEnvironment() {
  const auto pattern = platform::SecureEnvironment("BATON_TRACE");
  if (!pattern || pattern->empty()) return nullptr;
  const auto file = TraceFile::OpenForEver(*pattern);
  if (file) return new Trace(**file);
  Complain("BATON_TRACE is ignored", file.error());
  return nullptr;
}

// With the mutex held.
void Tell(const Looking& looking) {
  somebody_looks = looking.log != nullptr || looking.trace != nullptr;
}

}  // namespace

void BeginLooking() {
  static const bool has_begun = [] {
    Looking& looking = TheLooking();
    const std::lock_guard lock(looking.mutex);
    looking.log = LogOfEnvironment();
    looking.trace = TraceOfEnvironment();
    Tell(looking);
    return true;
  }();
  (void)has_begun;
}

Lookers CurrentLookers() {
  if (MessageLog::IsTelling()) return {};
  Looking& looking = TheLooking();
  const std::lock_guard lock(looking.mutex);
  return {looking.log, looking.trace};
}

void TellDoorbell(const void* queue, std::uint64_t sequence, std::uint64_t doorbells) {
  platform::ProbeDoorbell(queue, sequence, doorbells);
  if (!SomebodyLooks()) return;
  if (Trace* const trace = CurrentLookers().trace) {
    trace->Instant("doorbell", std::chrono::steady_clock::now());
  }
}

}  // namespace internal

Result<void> SetMessageLog(std::string_view patterns,
                           std::function<void(std::string_view line)> take_line) {
  internal::BeginLooking();  // so that it does not undo this later
  std::shared_ptr<const internal::MessageLog> log;
  if (take_line != nullptr) {
    BATON_TRY(auto parsed, internal::MessagePatterns::Parse(patterns));
    log = std::make_shared<const internal::MessageLog>(std::move(parsed), std::move(take_line));
  }
  internal::Looking& looking = internal::TheLooking();
  const std::lock_guard lock(looking.mutex);
  looking.log.swap(log);  // the old one goes behind the lock
  internal::Tell(looking);
  return {};
}

}  // namespace baton
