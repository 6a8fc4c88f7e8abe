// Where thumbnails go: one file NAME.EXT.png for each input NAME.EXT, and nothing else.
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <utility>

#include <baton/base/result.h>

#include "samples/decoder/picture_file.h"

namespace samples {

class ThumbnailFolder {
 public:
  // Makes the folder, and those it is in, unless they exist. `inputs` are protected from being
  // overwritten. Errors: the system's.
  static baton::Result<ThumbnailFolder> Make(std::filesystem::path folder,
                                             std::span<const Input> inputs);

  // The path of the thumbnail of `input`, which need not exist. Once for each input, whatever
  // becomes of it. Errors: PictureErrc::kSameName when the name is taken, kWouldOverwrite.
  baton::Result<std::filesystem::path> Claim(const std::filesystem::path& input);

 private:
  using FileId = std::pair<std::uintmax_t, std::uintmax_t>;  // device, number

  std::filesystem::path folder_;
  std::set<FileId> inputs_;
  std::set<std::string> names_;
};

// Puts the whole file in place of whatever has that name: a link or a pipe is replaced, not
// written to. On failure that stays as it was, and nothing is added to the folder.
baton::Result<void> WriteThumbnail(const std::filesystem::path& path,
                                   std::span<const std::byte> png);

}  // namespace samples
