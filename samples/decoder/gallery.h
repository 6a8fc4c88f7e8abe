// From files to thumbnails and a table: the whole run, file after file.
#pragma once

#include <vector>

#include "samples/decoder/decoder_parent.h"
#include "samples/decoder/report.h"
#include "samples/decoder/thumbnail_folder.h"

namespace samples {

// Makes a thumbnail of every input in turn. Whatever is wrong with one becomes its row, and the
// rest go on. Returns a row for each, in their order. Errors: the system's, when there can be no
// decoder at all; then nothing was tried.
baton::Result<std::vector<Row>> MakeThumbnails(const std::vector<Input>& inputs,
                                               ThumbnailFolder& folder,
                                               const DecoderOptions& options);

}  // namespace samples
