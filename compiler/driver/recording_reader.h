// A FileReader that remembers what a run looked at: also where it looked for files that are not
// there, since a file that appears there later would change the run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/driver/file_state.h"
#include "compiler/source/file_reader.h"

namespace batonc {

// One path that a run depends on, or wrote.
struct StampedFile {
  std::string path;
  FileState state;                    // from before it was read, from after it was written
  std::optional<std::uint64_t> hash;  // of its content; absent when nobody read it
};

class RecordingReader final : public FileReader {
 public:
  // `reader` must outlive this.
  explicit RecordingReader(FileReader& reader) : reader_(reader) {}

  baton::Result<std::string> Read(const std::string& path) override;
  std::string Identity(const std::string& path) override;

  // In the order in which they were first asked for.
  const std::vector<StampedFile>& seen() const { return seen_; }

 private:
  StampedFile& Remember(const std::string& path);

  FileReader& reader_;
  std::vector<StampedFile> seen_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace batonc
