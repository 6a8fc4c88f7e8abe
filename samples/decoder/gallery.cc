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
Result<baton::Shmem> Load(const PictureFile& file, Decoder& decoder) {
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

awaitable<Result<void>> SaveThumbnail(Picture picture, const std::filesystem::path& path,
                                      Decoder& decoder, Image& image) {
  const PictureSize size = ThumbnailSize(picture.figures.size);
  auto thumbnail = ShrinkToThumbnail(std::move(picture), decoder);
  if (!thumbnail) co_return Fail(thumbnail.error());
  auto png = co_await image.EncodeThumbnail(std::move(*thumbnail), size);
  if (!png) co_return Fail(png.error());
  co_return WriteThumbnail(path, png->png.bytes().first(png->size));
}

awaitable<Result<Figures>> MakeThumbnail(const PictureFile& file, const std::filesystem::path& path,
                                         Decoder& decoder) {
  const auto ready = co_await decoder.Ready();
  if (!ready) co_return Fail(ready.error());
  auto memory = Load(file, decoder);
  if (!memory) co_return Fail(memory.error());
  auto image = decoder.Open(std::move(*memory));
  if (!image) co_return Fail(image.error());
  auto picture = co_await image->Decode();
  if (!picture) co_return Fail(picture.error());
  Figures figures = picture->figures;
  const auto saved = co_await SaveThumbnail(std::move(*picture), path, decoder, *image);
  if (!saved) co_return Fail(saved.error());
  figures.bytes_handed_over = BytesHandedOver(decoder.FileTraffic());
  figures.bytes_in_messages = BytesInMessages(decoder.FileTraffic());
  co_return figures;
}

// A file whose decoder died gets another one, once: somebody else may have killed the first.
awaitable<Result<Figures>> Process(const std::filesystem::path& input, ThumbnailFolder& folder,
                                   Decoder& decoder) {
  const auto path = folder.Claim(input);
  if (!path) co_return Fail(path.error());
  const auto file = PictureFile::Open(input);
  if (!file) co_return Fail(file.error());
  if (file->size() > LargestFile(decoder.max_pixels())) co_return Fail(PictureErrc::kFileTooLarge);
  for (bool is_first = true;; is_first = false) {
    const auto figures = co_await MakeThumbnail(*file, *path, decoder);
    if (figures) co_return *figures;
    const std::error_code error = co_await decoder.Blame(figures.error());
    if (error != PictureErrc::kDecoderDied || !is_first) co_return Fail(error);
  }
}

std::string ProblemOf(std::error_code error, const std::string& detail) {
  return detail.empty() ? error.message() : error.message() + " (" + detail + ")";
}

awaitable<void> ProcessAll(const std::vector<Input>& inputs, ThumbnailFolder& folder,
                           Decoder& decoder, std::vector<Row>& rows) {
  const ProgressLine progress(inputs.size());
  for (const Input& input : inputs) {
    progress.Show(rows.size() + 1, input.path.filename().string());
    const auto figures = co_await Process(input.path, folder, decoder);
    Row row = {.file = input.label, .problem = {}, .figures = {}};
    if (figures) {
      row.figures = *figures;
    } else {
      row.problem = ProblemOf(figures.error(), decoder.TakeDetail());
    }
    rows.push_back(std::move(row));
  }
  co_await decoder.Close();
}

}  // namespace

Result<std::vector<Row>> MakeThumbnails(const std::vector<Input>& inputs, ThumbnailFolder& folder,
                                        const DecoderOptions& options) {
  boost::asio::io_context io(1);
  BATON_TRY(auto supervisor, Decoder::Supervise(io.get_executor(), options));
  Decoder decoder(std::move(supervisor), options);
  std::vector<Row> rows;
  boost::asio::co_spawn(io, ProcessAll(inputs, folder, decoder, rows),
                        [](std::exception_ptr thrown) {
                          if (thrown) std::rethrow_exception(thrown);
                        });
  io.run();
  return rows;
}

}  // namespace samples
