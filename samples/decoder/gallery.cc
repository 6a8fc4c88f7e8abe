#include "samples/decoder/gallery.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <utility>

#include "samples/decoder/picture_error.h"
#include "samples/decoder/picture_file.h"
#include "samples/decoder/traffic_count.h"

namespace samples {
namespace {

using baton::Fail;
using baton::Result;
using boost::asio::awaitable;

// A picture that is not compressed at all has at most 8 bytes for each pixel.
std::uint64_t LargestFile(std::uint64_t max_pixels) {
  constexpr std::uint64_t kAroundThePixels = 16 << 20;
  return max_pixels * 8 + kAroundThePixels;
}

// The file, from the disk into memory that can be handed over.
Result<baton::Shmem> Load(const PictureFile& file, Decoder& decoder, std::uint64_t largest) {
  if (file.size() > largest) return Fail(PictureErrc::kFileTooLarge);
  BATON_CHECKED(decoder.Ready());
  BATON_TRY(baton::Shmem memory, decoder.AllocShmem(file.size()));
  BATON_CHECKED(file.Read(memory.bytes()));
  return memory;
}

// A small copy of the pixels, which go back to where they came from when this returns.
Result<baton::Shmem> ShrinkToThumbnail(Picture picture, Decoder& decoder) {
  const PictureSize large = picture.figures.size;
  const PictureSize small = ThumbnailSize(large);
  BATON_TRY(baton::Shmem thumbnail, decoder.AllocShmem(small.rgba_bytes()));
  Shrink(picture.pixels.bytes(), large, thumbnail.bytes(), small);
  return thumbnail;
}

awaitable<Result<void>> SaveThumbnail(Picture picture, std::filesystem::path path, Decoder& decoder,
                                      Image& image) {
  const PictureSize size = ThumbnailSize(picture.figures.size);
  auto thumbnail = ShrinkToThumbnail(std::move(picture), decoder);
  if (!thumbnail) co_return Fail(thumbnail.error());
  auto png = co_await image.EncodeThumbnail(std::move(*thumbnail), size);
  if (!png) co_return Fail(png.error());
  co_return WriteThumbnail(path, png->png.bytes().first(png->size));
}

awaitable<Result<Figures>> Process(std::filesystem::path input, ThumbnailFolder& folder,
                                   Decoder& decoder, std::uint64_t largest) {
  auto path = folder.Claim(input);
  if (!path) co_return Fail(path.error());
  const auto file = PictureFile::Open(input);
  if (!file) co_return Fail(file.error());
  auto memory = Load(*file, decoder, largest);
  if (!memory) co_return Fail(memory.error());
  auto image = decoder.Open(std::move(*memory));
  if (!image) co_return Fail(image.error());
  auto picture = co_await image->Decode();
  if (!picture) co_return Fail(picture.error());
  Figures figures = picture->figures;
  const auto saved = co_await SaveThumbnail(std::move(*picture), std::move(*path), decoder, *image);
  if (!saved) co_return Fail(saved.error());
  figures.bytes_handed_over = BytesHandedOver(decoder.FileTraffic());
  figures.bytes_in_messages = BytesInMessages(decoder.FileTraffic());
  co_return figures;
}

std::string ProblemOf(std::error_code error, const std::string& detail) {
  return detail.empty() ? error.message() : error.message() + " (" + detail + ")";
}

awaitable<void> ProcessAll(const std::vector<Input>& inputs, ThumbnailFolder& folder,
                           Decoder& decoder, std::uint64_t largest, std::vector<Row>& rows) {
  const ProgressLine progress(inputs.size());
  for (const Input& input : inputs) {
    progress.Show(rows.size() + 1, input.path.filename().string());
    const auto figures = co_await Process(input.path, folder, decoder, largest);
    Row row = {.file = input.label, .problem = {}, .figures = {}};
    if (figures) {
      row.figures = *figures;
    } else {
      row.problem = ProblemOf(figures.error(), decoder.TakeDetail());
    }
    rows.push_back(std::move(row));
  }
  decoder.Close();
}

}  // namespace

std::vector<Row> MakeThumbnails(const std::vector<Input>& inputs, ThumbnailFolder& folder,
                                const DecoderOptions& options) {
  boost::asio::io_context io(1);
  Decoder decoder(io.get_executor(), options);
  std::vector<Row> rows;
  boost::asio::co_spawn(io,
                        ProcessAll(inputs, folder, decoder, LargestFile(options.max_pixels), rows),
                        [](std::exception_ptr thrown) {
                          if (thrown) std::rethrow_exception(thrown);
                        });
  io.run();
  return rows;
}

}  // namespace samples
