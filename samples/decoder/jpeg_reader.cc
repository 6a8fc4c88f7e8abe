#include "samples/decoder/jpeg_reader.h"

#include <jerror.h>

namespace samples {
namespace {

Outcome Meaning(int message_code) {
  switch (message_code) {
    case JWRN_JPEG_EOF:
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY: return Outcome::kTruncated;
    case JERR_CONVERSION_NOTIMPL:
    case JERR_BAD_J_COLORSPACE:
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
    case JERR_NOT_COMPILED: return Outcome::kUnsupported;
    case JERR_OUT_OF_MEMORY: return Outcome::kNoMemory;
  }
  return Outcome::kCorrupt;
}

// Oddities that whole pictures from real cameras and editors have.
bool IsHarmless(int warning_code) {
  return warning_code == JWRN_EXTRANEOUS_DATA || warning_code == JWRN_ADOBE_XFORM ||
         warning_code == JWRN_JFIF_MAJOR || warning_code == JWRN_TOO_MUCH_DATA ||
         warning_code == JWRN_BOGUS_ICC || warning_code == JWRN_NOT_SEQUENTIAL;
}

// Ink to light, in place. Adobe's programs store the ink inverted, and say so by their marker.
void CmykToRgba(JSAMPROW row, std::size_t width, bool inverted) {
  const unsigned flip = inverted ? 0 : 0xff;
  for (JSAMPROW pixel = row; pixel != row + width * 4; pixel += 4) {
    const unsigned paper = pixel[3] ^ flip;
    for (int ink = 0; ink < 3; ++ink) {
      pixel[ink] = static_cast<JSAMPLE>(((pixel[ink] ^ flip) * paper + 127) / 255);
    }
    pixel[3] = 0xff;
  }
}

}  // namespace

JpegReader::JpegReader(std::span<const std::byte> file) : file_(file) {
  jpeg_.err = jpeg_std_error(&errors_);
  errors_.error_exit = OnError;
  errors_.emit_message = OnMessage;
  jpeg_.client_data = this;
}

JpegReader::~JpegReader() {
  jpeg_destroy_decompress(&jpeg_);
}

void JpegReader::OnError(j_common_ptr jpeg) {
  std::longjmp(static_cast<JpegReader*>(jpeg->client_data)->jump_, 1);
}

void JpegReader::OnMessage(j_common_ptr jpeg, int level) {
  const bool is_warning = level < 0;
  if (is_warning && !IsHarmless(jpeg->err->msg_code)) OnError(jpeg);
}

Outcome JpegReader::ReadHeader() {
  if (setjmp(jump_) != 0) return Meaning(errors_.msg_code);
  jpeg_create_decompress(&jpeg_);
  jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(file_.data()), file_.size());
  jpeg_read_header(&jpeg_, TRUE);
  width_ = jpeg_.image_width;
  height_ = jpeg_.image_height;
  return Outcome::kDecoded;
}

Outcome JpegReader::ReadPixels(std::span<std::byte> rgba) {
  if (setjmp(jump_) != 0) return Meaning(errors_.msg_code);
  ReadRows(reinterpret_cast<JSAMPROW>(rgba.data()));
  jpeg_finish_decompress(&jpeg_);
  return Outcome::kDecoded;
}

// CMYK has four samples like RGBA, so both decode to where they belong.
void JpegReader::ReadRows(JSAMPROW rgba) {
  const bool is_ink = jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK;
  jpeg_.out_color_space = is_ink ? JCS_CMYK : JCS_EXT_RGBA;
  jpeg_start_decompress(&jpeg_);
  while (jpeg_.output_scanline < jpeg_.output_height) {
    JSAMPROW row = rgba + std::size_t{jpeg_.output_scanline} * width_ * 4;
    if (jpeg_read_scanlines(&jpeg_, &row, 1) == 1 && is_ink) {
      CmykToRgba(row, width_, jpeg_.saw_Adobe_marker);
    }
  }
}

}  // namespace samples
