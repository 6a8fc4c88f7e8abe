// A decoder that does what the file says: the tests' way to a child that crashes, hangs or lies.
// Anything else in a file is a picture of one black pixel.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <baton/baton.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "decoderChild.h"

namespace samples::testing {
namespace {

using baton::Shmem;

// The first sample of the pixels tells EncodeThumbnail what to do with them.
enum Fate : unsigned char {
  kFine,
  kDieEncoding,
  kHangEncoding,
  kLieEncoding,
  kFailEncoding,
  kHugeThumbnail,
  kSlowThumbnail
};

// "slow N" takes N milliseconds to decode and again to encode.
constexpr std::string_view kSlow = "slow ";

// "crash before PATH" does so when there is nothing at that path, which there is then.
constexpr std::string_view kCrashBefore = "crash before ";

[[noreturn]] void Hang() {
  for (;;) ::pause();
}

bool IsFirstAt(std::string_view path) {
  return ::open(std::string(path).c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0;
}

std::string_view TextOf(const Shmem& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

class BrokenImageChild final : public PImageChild {
 public:
  void Take(Shmem picture) { picture_ = std::move(picture); }

 private:
  void RecvDecode(std::uint64_t max_pixels, DecodeReplier reply) override {
    const std::string_view order = TextOf(picture_);
    if (order == "crash") std::raise(SIGKILL);
    if (order.starts_with(kCrashBefore) && IsFirstAt(order.substr(kCrashBefore.size()))) {
      std::raise(SIGKILL);
    }
    if (order == "leave") std::_Exit(7);
    if (order == "hang") Hang();
    if (order == "no space") {
      return reply.Reject(std::make_error_code(std::errc::no_space_on_device));
    }
    if (order == "drop") return;
    if (order == "bad manners") return reply.Reject(PeerFault("I do not like this picture"));

    DecodeReply answer = OnePixel(kFine);
    if (order == "no pixels") answer.pixels.reset();
    if (order == "too few pixels") answer.width = 2;
    if (order == "no width") answer.width = 0;
    if (order == "too many pixels") answer.width = static_cast<std::uint32_t>(max_pixels) + 1;
    if (order == "wrapping size") answer.width = answer.height = 1U << 31;
    if (order == "no format") answer.format = Format::kUnknown;
    if (order == "die encoding") answer = OnePixel(kDieEncoding);
    if (order == "lie encoding") answer = OnePixel(kLieEncoding);
    if (order == "fail encoding") answer = OnePixel(kFailEncoding);
    if (order == "hang encoding") answer = OnePixel(kHangEncoding);
    if (order == "huge thumbnail") answer = OnePixel(kHugeThumbnail);
    if (order.starts_with(kSlow)) {
      delay_ = std::atoi(std::string(order.substr(kSlow.size())).c_str());
      ::poll(nullptr, 0, delay_);
      answer = OnePixel(kSlowThumbnail);
    }
    reply(std::move(answer));
  }

  void RecvEncodeThumbnail(Shmem pixels, std::uint32_t, std::uint32_t,
                           EncodeThumbnailReplier reply) override {
    const auto fate = static_cast<Fate>(pixels.bytes()[0]);
    if (fate == kDieEncoding) std::raise(SIGKILL);
    if (fate == kHangEncoding) Hang();
    if (fate == kSlowThumbnail) ::poll(nullptr, 0, delay_);
    auto png = AllocShmem(fate == kHugeThumbnail ? 1 << 20 : 5);
    if (!png) return reply.Reject(png.error());
    std::memcpy(png->bytes().data(), "thumb", 5);
    std::uint64_t size = png->size();
    if (fate == kLieEncoding) ++size;
    if (fate == kFailEncoding) size = 0;
    reply({std::move(*png), size});
  }

  DecodeReply OnePixel(Fate fate) {
    DecodeReply answer;
    answer.format = Format::kPng;
    answer.width = answer.height = 1;
    auto pixels = AllocShmem(4);
    if (!pixels) std::_Exit(3);
    pixels->bytes()[0] = static_cast<std::byte>(fate);
    pixels->bytes()[3] = std::byte{0xff};  // opaque, or shrinking would lose the colour
    answer.pixels = std::move(*pixels);
    return answer;
  }

  Shmem picture_;
  int delay_ = 0;
};

class BrokenDecoderChild final : public PDecoderChild {
  std::shared_ptr<PImageChild> AllocPImageChild(const Shmem& picture) override {
    if (TextOf(picture) == "no image") return nullptr;
    return std::make_shared<BrokenImageChild>();
  }
  baton::Result<void> RecvPImageConstructor(PImageChild& image, Shmem picture) override {
    static_cast<BrokenImageChild&>(image).Take(std::move(picture));
    return {};
  }
};

}  // namespace
}  // namespace samples::testing

int main() {
  boost::asio::io_context io(1);
  auto endpoint = baton::InheritedEndpoint<samples::PDecoderChild>();
  if (!endpoint) return 2;
  auto actor = std::make_shared<samples::testing::BrokenDecoderChild>();
  if (!std::move(*endpoint).Bind(std::move(actor), io.get_executor())) return 2;
  io.run();
  return 0;
}
