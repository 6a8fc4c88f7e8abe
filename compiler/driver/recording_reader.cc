#include "compiler/driver/recording_reader.h"

namespace batonc {

baton::Result<std::string> RecordingReader::Read(const std::string& path) {
  StampedFile& file = Remember(path);
  baton::Result<std::string> text = reader_.Read(path);
  if (text.has_value()) file.hash = ContentHash(*text);
  return text;
}

std::string RecordingReader::Identity(const std::string& path) {
  Remember(path);
  return reader_.Identity(path);
}

StampedFile& RecordingReader::Remember(const std::string& path) {
  const auto [known, is_new] = index_.emplace(path, seen_.size());
  if (is_new) seen_.push_back({path, StateOf(path), {}});
  return seen_[known->second];
}

}  // namespace batonc
