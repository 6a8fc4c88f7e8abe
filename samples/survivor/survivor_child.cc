// The child: paints its textures, one after the other, until somebody kills it.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>

#include "survivorChild.h"
#include "texture.h"

namespace {

class SurvivorChild final : public samples::PSurvivorChild {
 public:
  explicit SurvivorChild(boost::asio::io_context& io) : io_(io) {}

 private:
  baton::Result<void> RecvBegin(std::uint32_t count, std::uint64_t size) override {
    for (std::uint32_t number = 0; number < count; ++number) {
      // The parent has a handle before anything is painted: our death loses nothing.
      BATON_TRY(auto pixels, AllocShmem(size, baton::ShmemUse::kSurvivable));
      const baton::ShmemId id = pixels.id();
      BATON_CHECKED(SendMade(number, id.high, id.low));
      textures_.push_back({number, std::move(pixels)});
    }
    PaintNext();
    return {};
  }

  baton::Result<void> RecvGoOn(std::vector<samples::Texture> textures) override {
    textures_ = std::move(textures);
    PaintNext();
    return {};
  }

  void PaintNext() {
    boost::asio::post(io_, [this, self = shared_from_this()] {
      if (textures_.empty() || !CanSend()) return;
      auto& [number, pixels] = textures_[random_() % textures_.size()];
      const auto told = SendPainting(number);
      if (!told) return WhenDrained(told.error(), [this] { PaintNext(); });
      samples::Paint(pixels.bytes(), random_());
      TellPainted(number, samples::HashOf(pixels.bytes()));
    });
  }

  void TellPainted(std::uint32_t number, std::uint64_t hash) {
    const auto told = SendPainted(number, hash);
    if (!told) return WhenDrained(told.error(), [=, this] { TellPainted(number, hash); });
    PaintNext();
  }

  // Where there was no room for a message. Any other failure is the end of the channel.
  template <class Next>
  void WhenDrained(std::error_code why, Next next) {
    if (why != baton::Errc::kWouldBlock) return;
    Drained([self = shared_from_this(), next](boost::system::error_code error) {
      if (!error) next();
    });
  }

  boost::asio::io_context& io_;
  std::mt19937_64 random_{std::random_device()()};
  std::vector<samples::Texture> textures_;
};

}  // namespace

int main() {
  boost::asio::io_context io;
  auto endpoint = baton::InheritedEndpoint<samples::PSurvivorChild>();
  if (!endpoint) {
    std::fprintf(stderr, "survivor_child is started by survivor\n");
    return 2;
  }
  const auto bound =
      std::move(*endpoint).Bind(std::make_shared<SurvivorChild>(io), io.get_executor());
  if (!bound) return 1;
  io.run();  // until the parent goes
}
