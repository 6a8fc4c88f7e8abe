#include "tools/memtrack/record/recording_reader.h"

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/memtrack/record/json_rows.h"
#include "tools/memtrack/record/recording_writer.h"

namespace memtrack {

using baton::Fail;
using baton::Result;

Result<RecordingReader> RecordingReader::Open(const std::string& path) {
  errno = 0;
  auto stream = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*stream) return Fail({errno != 0 ? errno : EIO, std::generic_category()});
  return From(std::move(stream));
}

Result<RecordingReader> RecordingReader::From(std::unique_ptr<std::istream> stream) {
  RecordingReader reader(std::move(stream));
  BATON_TRY(const std::optional<std::string> line, reader.ReadLine());
  const auto header = nlohmann::json::parse(line.value_or(""), nullptr, false);
  const bool is_ours =
      header.is_object() && header.value("memtrack", nlohmann::json()) == "recording";
  if (!is_ours) return Fail(RecordingErrc::kNotARecording);
  const auto version = header.value("version", nlohmann::json());
  if (version != kRecordingVersion) {
    return Fail(version.is_number_integer() ? RecordingErrc::kVersion : RecordingErrc::kShape);
  }
  return reader;
}

// getline() of the library knows no limit.
Result<std::optional<std::string>> RecordingReader::ReadLine() {
  std::string line;
  std::streambuf* const buffer = stream_->rdbuf();
  constexpr int kEnd = std::char_traits<char>::eof();
  int next = buffer->sbumpc();
  if (next == kEnd) return std::optional<std::string>();
  ++line_;
  for (; next != kEnd && next != '\n'; next = buffer->sbumpc()) {
    if (line.size() == kMostLineBytes) return Fail(RecordingErrc::kTooLong);
    line.push_back(static_cast<char>(next));
  }
  is_cut_ = next == kEnd;
  return std::optional(std::move(line));
}

Result<std::optional<Snapshot>> RecordingReader::Next() {
  BATON_TRY(const std::optional<std::string> line, ReadLine());
  if (!line) return std::optional<Snapshot>();
  const auto json = nlohmann::json::parse(*line, nullptr, false);
  if (json.is_discarded()) {
    if (is_cut_) return std::optional<Snapshot>();
    return Fail(RecordingErrc::kNotJson);
  }
  BATON_TRY(Snapshot snapshot, SnapshotFrom(json));
  BATON_CHECKED(CheckOrder(snapshot));
  return std::optional(std::move(snapshot));
}

Result<void> RecordingReader::CheckOrder(const Snapshot& snapshot) {
  const bool has_clock = snapshot.since_boot.has_value();
  if (has_clock_.value_or(has_clock) != has_clock) return Fail(RecordingErrc::kShape);
  has_clock_ = has_clock;
  const std::int64_t time = snapshot.since_boot.value_or(snapshot.taken_at);
  if (time < last_time_) return Fail(RecordingErrc::kOrder);
  last_time_ = time;
  return {};
}

}  // namespace memtrack
