// A compressed picture on disk, on its way into shared memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace samples {

// A file that should get a thumbnail.
struct Input {
  std::filesystem::path path;
  std::string label;  // what the table calls it
};

// An open file of at least one byte.
class PictureFile {
 public:
  // Errors: the system's, std::errc::is_a_directory among them; PictureErrc::kNotAFile,
  // kEmptyFile. Never waits, as opening a pipe would.
  static baton::Result<PictureFile> Open(const std::filesystem::path& path);

  // Bytes.
  std::uint64_t size() const { return size_; }

  // Reads all of it, straight to where it is needed, as often as that is asked for: `into` is
  // size() bytes. Errors: the system's; kChangedWhileRead when the file has become shorter since
  // Open.
  baton::Result<void> Read(std::span<std::byte> into) const;

 private:
  PictureFile(baton::platform::Handle file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}

  baton::platform::Handle file_;
  std::uint64_t size_;
};

}  // namespace samples
