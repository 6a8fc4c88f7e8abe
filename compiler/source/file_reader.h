// The only way from the compiler to a disk, with a twin that has none.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include <baton/base/result.h>

namespace batonc {

// Larger files are refused: no protocol is, and every offset must fit a Span.
inline constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20;

class FileReader {
 public:
  virtual ~FileReader() = default;

  // The file's bytes. Errors: the system's; std::errc::file_too_large beyond kMaxFileBytes.
  virtual baton::Result<std::string> Read(const std::string& path) = 0;

  // Equal for two paths that lead to one file; an absolute path where there are folders.
  virtual std::string Identity(const std::string& path) = 0;
};

class DiskReader final : public FileReader {
 public:
  baton::Result<std::string> Read(const std::string& path) override;
  std::string Identity(const std::string& path) override;
};

// Path to content; for tests and fuzzing.
class MemoryReader final : public FileReader {
 public:
  explicit MemoryReader(std::map<std::string, std::string> files) : files_(std::move(files)) {}

  baton::Result<std::string> Read(const std::string& path) override;
  std::string Identity(const std::string& path) override;

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace batonc
