#include "samples/decoder/png_writer.h"

#include <png.h>

#include <csetjmp>
#include <cstring>

namespace samples {
namespace {

// Where libpng has got to. Jumps may cross it: it has no destructor.
struct Output {
  std::byte* begin;
  std::size_t size;
  std::size_t used;
};

void Append(png_structp png, png_bytep bytes, std::size_t size) {
  Output& output = *static_cast<Output*>(png_get_io_ptr(png));
  if (size > output.size - output.used) png_error(png, "the memory ends here");
  std::memcpy(output.begin + output.used, bytes, size);
  output.used += size;
}

void Flush(png_structp) {}

[[noreturn]] void OnError(png_structp png, png_const_charp) {
  png_longjmp(png, 1);
}
void OnWarning(png_structp, png_const_charp) {}

void WriteRows(png_structp png, png_infop info, png_const_bytep rgba, std::uint32_t width,
               std::uint32_t height) {
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (std::size_t row = 0; row < height; ++row) {
    png_write_row(png, rgba + row * width * 4);
  }
  png_write_end(png, info);
}

bool WriteAll(png_structp png, png_infop info, Output* output, png_const_bytep rgba,
              std::uint32_t width, std::uint32_t height) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_write_fn(png, output, Append, Flush);
  WriteRows(png, info, rgba, width, height);
  return true;
}

}  // namespace

std::uint64_t WritePng(std::span<const std::byte> rgba, std::uint32_t width, std::uint32_t height,
                       std::span<std::byte> png) {
  Output output = {png.data(), png.size(), 0};
  png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, OnError, OnWarning);
  png_infop info = writer == nullptr ? nullptr : png_create_info_struct(writer);
  const bool done =
      info != nullptr && WriteAll(writer, info, &output,
                                  reinterpret_cast<png_const_bytep>(rgba.data()), width, height);
  png_destroy_write_struct(&writer, &info);
  return done ? output.used : 0;
}

}  // namespace samples
