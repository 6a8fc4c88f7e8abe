#include "compiler/source/file_reader.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace batonc {
namespace {

using baton::Fail;
using baton::Result;

baton::Failure FromErrno() {
  return Fail(std::error_code(errno, std::generic_category()));
}

}  // namespace

Result<std::string> DiskReader::Read(const std::string& path) {
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  if (kind == std::filesystem::file_type::fifo || kind == std::filesystem::file_type::socket) {
    return Fail(make_error_code(std::errc::invalid_argument));  // nothing may ever come out of it
  }
  const auto close = [](std::FILE* open) { std::fclose(open); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (file == nullptr) return FromErrno();
  std::string text;
  std::array<char, 1 << 16> block;
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get())) {
    text.append(block.data(), count);
    if (text.size() > kMaxFileBytes) return Fail(make_error_code(std::errc::file_too_large));
  }
  if (std::ferror(file.get()) != 0) return FromErrno();
  return text;
}

std::string DiskReader::Identity(const std::string& path) {
  std::error_code error;
  const auto canonical = std::filesystem::weakly_canonical(path, error);
  if (error) return std::filesystem::path(path).lexically_normal().string();
  return canonical.is_absolute() ? canonical.string()
                                 : std::filesystem::absolute(canonical, error).string();
}

Result<std::string> MemoryReader::Read(const std::string& path) {
  const auto found = files_.find(Identity(path));
  if (found == files_.end()) return Fail(make_error_code(std::errc::no_such_file_or_directory));
  return found->second;
}

std::string MemoryReader::Identity(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

}  // namespace batonc
