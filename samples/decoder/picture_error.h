// Why a file has no thumbnail, beyond what the system and Baton have numbers for. The words are
// for people; they read after "error: ".
#pragma once

#include <system_error>
#include <type_traits>

#include "decoder.h"

namespace samples {

enum class PictureErrc {
  kNotAFile = 1,  // neither a file nor a directory: a pipe, a device
  kEmptyFile,
  kFileTooLarge,  // no picture of so few pixels needs so many bytes
  kChangedWhileRead,
  kSameName,        // an input before it has the same name, and thumbnails are named by it
  kWouldOverwrite,  // its thumbnail would replace one of the inputs
  kUnknownFormat,
  kTruncated,
  kCorrupt,
  kUnsupported,
  kTooManyPixels,
  kNoMemory,
  kDeadline,       // the decoder did not answer in time and was replaced
  kDecoderDied,    // the decoder ended while it had the file, as did the next one
  kBrokenPromise,  // the decoder answered what cannot be
  kNotEncoded,
  kGivenUp,  // decoders ended too often: no more are started
};

const std::error_category& PictureCategory() noexcept;

inline std::error_code make_error_code(PictureErrc code) noexcept {
  return {static_cast<int>(code), PictureCategory()};
}

// What the child's outcome means here. Not for kDecoded.
std::error_code ErrorOf(Outcome outcome) noexcept;

}  // namespace samples

template <>
struct std::is_error_code_enum<samples::PictureErrc> : std::true_type {};
