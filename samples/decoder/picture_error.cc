#include "samples/decoder/picture_error.h"

#include <string>

namespace samples {
namespace {

const char* Describe(PictureErrc code) {
  switch (code) {
    case PictureErrc::kNotAFile: return "not a file";
    case PictureErrc::kEmptyFile: return "the file is empty";
    case PictureErrc::kFileTooLarge: return "the file is larger than --max-pixels can need";
    case PictureErrc::kChangedWhileRead: return "the file changed while it was read";
    case PictureErrc::kSameName: return "an input before it has the same name";
    case PictureErrc::kWouldOverwrite: return "its thumbnail would overwrite an input";
    case PictureErrc::kUnknownFormat: return "neither PNG nor JPEG";
    case PictureErrc::kTruncated: return "the picture ends too early";
    case PictureErrc::kCorrupt: return "the picture is corrupt";
    case PictureErrc::kUnsupported: return "a kind of picture that the library cannot read";
    case PictureErrc::kTooManyPixels: return "more pixels than --max-pixels";
    case PictureErrc::kNoMemory: return "the decoder ran out of memory";
    case PictureErrc::kDeadline: return "the decoder did not answer in time and was replaced";
    case PictureErrc::kDecoderDied: return "the decoder died of it and was replaced";
    case PictureErrc::kBrokenPromise: return "the decoder's answer is impossible; it was replaced";
    case PictureErrc::kNotEncoded: return "the thumbnail could not be encoded";
    case PictureErrc::kGivenUp: return "decoders ended too often, and no more are started";
  }
  return "unknown";
}

class Category final : public std::error_category {
  const char* name() const noexcept override { return "picture"; }
  std::string message(int code) const override { return Describe(static_cast<PictureErrc>(code)); }
};

}  // namespace

const std::error_category& PictureCategory() noexcept {
  static const Category category;
  return category;
}

std::error_code ErrorOf(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kUnknownFormat: return PictureErrc::kUnknownFormat;
    case Outcome::kTruncated: return PictureErrc::kTruncated;
    case Outcome::kCorrupt: return PictureErrc::kCorrupt;
    case Outcome::kUnsupported: return PictureErrc::kUnsupported;
    case Outcome::kTooManyPixels: return PictureErrc::kTooManyPixels;
    case Outcome::kNoMemory: return PictureErrc::kNoMemory;
    case Outcome::kDecoded: break;
  }
  return PictureErrc::kBrokenPromise;
}

}  // namespace samples
