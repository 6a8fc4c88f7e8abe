#include "samples/decoder/picture_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "samples/decoder/last_error.h"
#include "samples/decoder/picture_error.h"

namespace samples {
namespace {

using baton::Fail;
using baton::Result;

}  // namespace

Result<PictureFile> PictureFile::Open(const std::filesystem::path& path) {
  baton::platform::Handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return Fail(LastError());
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return Fail(LastError());
  if (S_ISDIR(status.st_mode)) return Fail(std::make_error_code(std::errc::is_a_directory));
  if (!S_ISREG(status.st_mode)) return Fail(PictureErrc::kNotAFile);
  if (status.st_size == 0) return Fail(PictureErrc::kEmptyFile);
  return PictureFile(std::move(file), static_cast<std::uint64_t>(status.st_size));
}

Result<void> PictureFile::Read(std::span<std::byte> into) const {
  for (off_t at = 0; !into.empty();) {
    const ssize_t got = ::pread(file_.get(), into.data(), into.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(LastError());
    if (got == 0) return Fail(PictureErrc::kChangedWhileRead);
    into = into.subspan(static_cast<std::size_t>(got));
    at += got;
  }
  return {};
}

}  // namespace samples
