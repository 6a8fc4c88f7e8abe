// Pictures of one size, one after the other: the decoder hands them over in the memory of those
// before, and nobody has a page fault for them.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>

#include "decoderParent.h"
#include "tests/samples/make_pictures.h"
#include "tests/support/kernel_counts.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/sanitizer.h"
#include "tests/support/skip.h"
#include "tests/support/watchdog.h"

namespace samples::testing {
namespace {

using baton::Shmem;
using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::PageFaults;
using baton::testing::PageFaultsOf;
using baton::testing::SharedObjects;
using baton::testing::Watchdog;

constexpr PngShape kShape = {.width = 1024, .height = 512};
constexpr std::uint64_t kPages = std::uint64_t{kShape.width} * kShape.height * 4 / 4096;

class DecoderParent final : public PDecoderParent {};
class ImageParent final : public PImageParent {};

class Gallery {
 public:
  Gallery() : launched_(Must(baton::Launch<PDecoderParent>({.program = DECODER_CHILD}))) {
    Must(std::move(launched_.endpoint).Bind(actor_, io_.get_executor()));
  }
  ~Gallery() {
    actor_->Close();
    io_.restart();
    io_.run();
  }

  // Hands the file over, looks at every pixel that comes back, and forgets it.
  void Decode(const Bytes& file) {
    Shmem memory = Must(actor_->AllocShmem(file.size()));
    const std::uint64_t before = PageFaults();
    std::memcpy(memory.bytes().data(), file.data(), file.size());
    faults_ += PageFaults() - before;
    const auto image = std::make_shared<ImageParent>();
    Must(actor_->SendPImageConstructor(image, std::move(memory)));
    bool is_decoded = false;
    image->SendDecode(1 << 24, [&](boost::system::error_code error, PImage::DecodeReply reply) {
      REQUIRE_FALSE(error);
      REQUIRE(reply.pixels.has_value());
      Look(*reply.pixels);
      is_decoded = true;
    });
    while (!is_decoded) io_.run_one();
    Must(image->Send__delete__());
  }

  std::uint64_t faults() const { return faults_; }  // for files and pixels
  std::size_t memories() const { return ids_.size(); }
  int child() const { return launched_.process.pid(); }
  baton::ChannelStatistics statistics() const { return actor_->statistics(); }

 private:
  void Look(const Shmem& pixels) {
    ids_.insert(pixels.id());
    const std::uint64_t before = PageFaults();
    // Opaque, all of them.
    bool is_good = pixels.size() == kPages * 4096;
    const auto bytes = pixels.bytes();
    for (std::size_t at = 3; at < bytes.size(); at += 4) is_good &= bytes[at] == std::byte{255};
    faults_ += PageFaults() - before;
    CHECK(is_good);
  }

  boost::asio::io_context io_{1};
  baton::Launched<PDecoderParent> launched_;
  std::shared_ptr<DecoderParent> actor_ = std::make_shared<DecoderParent>();
  std::set<baton::ShmemId> ids_;
  std::uint64_t faults_ = 0;
};

TEST_CASE("in a steady state the decoder hands pictures over without a page fault") {
  if (baton::testing::IsSanitized()) SKIP_TEST("a sanitizer has page faults of its own");
  constexpr int kPictures = 12;
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const Bytes file = MakePng(kShape);
  Gallery gallery;
  for (int picture = 0; picture < kPictures; ++picture) gallery.Decode(file);
  const std::uint64_t faults_there = PageFaultsOf(gallery.child());
  const std::uint64_t handles = gallery.statistics().handles_sent;
  const auto objects = SharedObjects(gallery.child());
  const std::size_t memories = gallery.memories();
  CHECK(gallery.faults() > 0);  // of the first one
  REQUIRE_FALSE(objects.empty());

  int pictures = 0;
  const auto decode = [&] { gallery.Decode(file), ++pictures; };
  const auto count = [&] { return gallery.faults(); };
  CHECK(baton::testing::FewestFaults(kPictures, decode, count) == 0);
  CHECK(gallery.memories() == memories);
  CHECK(gallery.statistics().handles_sent == handles);
  CHECK(SharedObjects(gallery.child()) == objects);
  // What libpng allocates for itself may fault; pictures of new memory would have 512 each.
  CHECK(PageFaultsOf(gallery.child()) - faults_there <
        static_cast<std::uint64_t>(pictures) * kPages / 8);
}

}  // namespace
}  // namespace samples::testing
