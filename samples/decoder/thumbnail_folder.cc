#include "samples/decoder/thumbnail_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <baton/platform/handle.h>

#include "samples/decoder/picture_error.h"

namespace samples {
namespace {

using baton::Fail;
using baton::Result;

std::error_code LastError() {
  return {errno, std::system_category()};
}

Result<void> WriteAll(const baton::platform::Handle& file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(LastError());
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<ThumbnailFolder> ThumbnailFolder::Make(std::filesystem::path folder,
                                              std::span<const Input> inputs) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Fail(error);
  if (!std::filesystem::is_directory(folder, error)) {
    return Fail(std::make_error_code(std::errc::not_a_directory));
  }
  ThumbnailFolder made;
  made.folder_ = std::move(folder);
  for (const Input& input : inputs) {
    struct stat status = {};
    if (::stat(input.path.c_str(), &status) == 0)
      made.inputs_.insert({status.st_dev, status.st_ino});
  }
  return made;
}

Result<std::filesystem::path> ThumbnailFolder::Claim(const std::filesystem::path& input) {
  const std::string name = input.filename().string();
  if (!names_.insert(name).second) return Fail(PictureErrc::kSameName);
  const std::filesystem::path path = folder_ / (name + ".png");
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 && inputs_.contains({status.st_dev, status.st_ino})) {
    return Fail(PictureErrc::kWouldOverwrite);
  }
  return path;
}

Result<void> WriteThumbnail(const std::filesystem::path& path, std::span<const std::byte> png) {
  const baton::platform::Handle file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666));
  if (!file) return Fail(LastError());
  auto written = WriteAll(file, png);
  if (!written) ::unlink(path.c_str());
  return written;
}

}  // namespace samples
