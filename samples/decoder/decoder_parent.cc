#include "samples/decoder/decoder_parent.h"

#include <baton/baton.h>

#include <cstring>
#include <utility>

#include "samples/decoder/picture_error.h"
#include "samples/decoder/traffic_count.h"

namespace samples {
namespace {

using baton::Fail;
using baton::Result;
using baton::Shmem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kNoGrace{0};
constexpr std::chrono::milliseconds kDyingTime{500};
constexpr std::chrono::milliseconds kGoodbyeTime{5'000};  // to leave in good order

// The protocols have no messages for the parent, so there is nothing to handle.
class DecoderParent final : public PDecoderParent {};
class ImageParent final : public PImageParent {};

std::string Describe(const baton::platform::ExitStatus& end) {
  if (end.signal == 0) return "exit code " + std::to_string(end.code);
  const char* name = ::sigdescr_np(end.signal);
  return name != nullptr ? name : "signal " + std::to_string(end.signal);
}

}  // namespace

Decoder::Decoder(boost::asio::any_io_executor executor, DecoderOptions options)
    : executor_(executor), options_(std::move(options)), timer_(executor) {}

// A child that was told goodbye may end by itself; any other is killed by ~Process.
Decoder::~Decoder() {
  if (process_ && actor_ == nullptr) (void)process_.Wait(kGoodbyeTime);
}

Result<void> Decoder::Start() {
  BATON_TRY(auto launched, baton::Launch<PDecoderParent>({.program = options_.program}));
  auto actor = std::make_shared<DecoderParent>();
  BATON_CHECKED(std::move(launched.endpoint).Bind(actor, executor_));
  process_ = std::move(launched.process);
  actor_ = std::move(actor);
  return {};
}

Result<void> Decoder::Ready() {
  if (actor_ != nullptr && HasEnded()) {
    Replace(kNoGrace);
    detail_.clear();  // no file is to blame
  }
  if (actor_ == nullptr) BATON_CHECKED(Start());
  timed_out_ = false;
  file_begin_ = actor_->traffic();
  return {};
}

// The channel may not know yet.
bool Decoder::HasEnded() {
  if (!actor_->CanSend()) return true;
  const auto end = process_.Wait(std::chrono::milliseconds(0));
  return !end || end->has_value();
}

Result<Shmem> Decoder::AllocShmem(std::uint64_t size) {
  auto memory = actor_->AllocShmem(size);
  if (!memory) return Blame(memory.error());
  return memory;
}

Result<Image> Decoder::Open(Shmem file) {
  deadline_ = Clock::now() + options_.deadline;
  auto image = std::make_shared<ImageParent>();
  const auto sent = actor_->SendPImageConstructor(image, std::move(file));
  if (!sent) return Blame(sent.error());
  return Image(*this, std::move(image));
}

baton::Traffic Decoder::FileTraffic() const {
  return actor_->traffic() - file_begin_;
}

void Decoder::AwaitAnswer() {
  timer_.expires_at(deadline_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error || timer_.expiry() > Clock::now()) return;  // answered at the last moment
    timed_out_ = true;
    if (!process_.Kill()) actor_->Close();
  });
}

void Decoder::AnswerCame() {
  timer_.expires_at(Clock::time_point::max());
}

baton::Failure Decoder::Blame(std::error_code error) {
  const bool is_gone = timed_out_ || error == baton::Cause::kPeerGone ||
                       error == baton::Cause::kPeerFault || !actor_->CanSend();
  if (!is_gone) return Fail(error);
  if (error == baton::Cause::kPeerFault) return Distrust(error.message());
  Replace(kDyingTime);
  if (!timed_out_) return Fail(PictureErrc::kDecoderDied);
  detail_.clear();
  return Fail(PictureErrc::kDeadline);
}

baton::Failure Decoder::Distrust(std::string detail) {
  Replace(kNoGrace);
  detail_ = std::move(detail);
  return Fail(PictureErrc::kBrokenPromise);
}

baton::Failure Decoder::Explain(std::error_code error, std::string detail) {
  detail_ = std::move(detail);
  return Fail(error);
}

// The next one is started when it is needed. A child that dies loses its channel just before it is
// a dead process, so how it ended is known after `grace`.
void Decoder::Replace(std::chrono::milliseconds grace) {
  actor_->Close();
  actor_.reset();
  const auto end = process_.Wait(grace);
  detail_ = end && *end ? Describe(**end) : "it had left the channel";
  if (process_.Kill()) (void)process_.Wait(kDyingTime);
  process_ = {};
}

void Decoder::Close() {
  if (actor_ == nullptr) return;
  actor_->Close();
  actor_.reset();
}

}  // namespace samples
