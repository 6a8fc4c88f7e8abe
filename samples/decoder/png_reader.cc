#include "samples/decoder/png_reader.h"

#include <csetjmp>
#include <cstdlib>
#include <cstring>

namespace samples {

PngReader::PngReader(std::span<const std::byte> file) : rest_(file) {
  png_ = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, this, OnError, OnWarning, this, Allocate,
                                  nullptr);
  if (png_ != nullptr) info_ = png_create_info_struct(png_);
}

PngReader::~PngReader() {
  png_destroy_read_struct(&png_, &info_, nullptr);
}

void PngReader::Read(png_structp png, png_bytep to, std::size_t size) {
  auto& self = *static_cast<PngReader*>(png_get_io_ptr(png));
  if (size > self.rest_.size()) {
    self.failure_ = Outcome::kTruncated;
    png_error(png, "the file ends here");
  }
  std::memcpy(to, self.rest_.data(), size);
  self.rest_ = self.rest_.subspan(size);
}

void PngReader::OnError(png_structp png, png_const_charp) {
  png_longjmp(png, 1);
}

png_voidp PngReader::Allocate(png_structp png, png_alloc_size_t size) {
  const png_voidp memory = std::malloc(size);
  if (memory == nullptr) {
    static_cast<PngReader*>(png_get_mem_ptr(png))->failure_ = Outcome::kNoMemory;
  }
  return memory;
}

Outcome PngReader::ReadHeader() {
  if (info_ == nullptr) return Outcome::kNoMemory;
  if (setjmp(png_jmpbuf(png_)) != 0) return failure_;
  png_set_read_fn(png_, this, Read);
  png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_read_info(png_, info_);
  width_ = png_get_image_width(png_, info_);
  height_ = png_get_image_height(png_, info_);
  return Outcome::kDecoded;
}

Outcome PngReader::ReadPixels(std::span<std::byte> rgba) {
  if (setjmp(png_jmpbuf(png_)) != 0) return failure_;
  AskForRgba();
  ReadRows(reinterpret_cast<png_bytep>(rgba.data()));
  png_read_end(png_, nullptr);
  return Outcome::kDecoded;
}

void PngReader::AskForRgba() {
  png_set_expand(png_);  // palette to RGB, grey to 8 bits, tRNS to alpha
  png_set_scale_16(png_);
  png_set_gray_to_rgb(png_);
  png_set_add_alpha(png_, 0xff, PNG_FILLER_AFTER);
}

// An interlaced picture comes in passes, each of which fills in pixels of rows read before.
void PngReader::ReadRows(png_bytep rgba) {
  const int passes = png_set_interlace_handling(png_);
  png_read_update_info(png_, info_);
  const std::size_t stride = std::size_t{width_} * 4;
  if (png_get_rowbytes(png_, info_) != stride) {
    failure_ = Outcome::kUnsupported;
    png_error(png_, "not RGBA after all transformations");
  }
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t row = 0; row < height_; ++row) {
      png_read_row(png_, rgba + row * stride, nullptr);
    }
  }
}

}  // namespace samples
