#include "samples/decoder/thumbnail_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <baton/platform/handle.h>

#include "samples/decoder/last_error.h"
#include "samples/decoder/picture_error.h"

namespace samples {
namespace {

using baton::Fail;
using baton::Result;

Result<void> WriteAll(const baton::platform::Handle& file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(LastError());
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// A thumbnail while it is written, under a name that nobody else has.
struct Draft {
  std::filesystem::path path;
  baton::platform::Handle file;
};

Result<Draft> MakeDraft(const std::filesystem::path& folder) {
  constexpr int kAttempts = 100;  // a killed program may have left some
  for (int i = 0; i < kAttempts; ++i) {
    Draft draft;
    draft.path = folder / fmt::format(".decoder-{}-{}", ::getpid(), i);
    draft.file = baton::platform::Handle(::open(
        draft.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0666));
    if (draft.file) return draft;
    if (errno != EEXIST) return Fail(LastError());
  }
  return Fail(std::make_error_code(std::errc::file_exists));
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
  // A path may end in a slash; it is then a folder's, and no file's.
  const bool is_bare = input.has_filename();
  const std::string name = (is_bare ? input : input.parent_path()).filename().string();
  if (!names_.insert(name).second) return Fail(PictureErrc::kSameName);
  const std::filesystem::path path = folder_ / (name + ".png");
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 && inputs_.contains({status.st_dev, status.st_ino})) {
    return Fail(PictureErrc::kWouldOverwrite);
  }
  return path;
}

Result<void> WriteThumbnail(const std::filesystem::path& path, std::span<const std::byte> png) {
  BATON_TRY(const Draft draft, MakeDraft(path.parent_path()));
  auto written = WriteAll(draft.file, png);
  if (written && std::rename(draft.path.c_str(), path.c_str()) != 0) written = Fail(LastError());
  if (!written) ::unlink(draft.path.c_str());
  return written;
}

}  // namespace samples
