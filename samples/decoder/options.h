// The command line of decoder.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "samples/decoder/decoder_parent.h"
#include "samples/decoder/picture_file.h"

namespace samples {

struct Options {
  std::vector<Input> inputs;  // at least one
  std::filesystem::path out = "thumbnails";
  DecoderOptions decoder;
};

// Without files on the command line they are photographs, and some drawings as PNG, of 2 to 18
// megapixels: the larger ones of Debian's package mate-backgrounds. When
// there is nothing to do, says why (or prints the help) and returns nothing; `exit_code` is set.
std::optional<Options> ParseOptions(int argc, char* argv[], int& exit_code);

}  // namespace samples
