#include "samples/decoder/decoder_parent.h"

#include <baton/baton.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <utility>

#include "samples/decoder/picture_error.h"
#include "samples/decoder/traffic_count.h"

namespace samples {
namespace {

using baton::Fail;
using baton::Result;
using baton::Shmem;
using boost::asio::awaitable;

constexpr std::chrono::milliseconds kGoodbyeTime{5'000};  // to leave in good order
constexpr auto kEvent = boost::asio::as_tuple(boost::asio::use_awaitable);

// The protocols have no messages for the parent, so there is nothing to handle.
class DecoderParent final : public PDecoderParent {};
class ImageParent final : public PImageParent {};

std::string Describe(const baton::ChildEnd& end) {
  if (end.error) return end.error.message();
  if (end.status.signal == 0) return "exit code " + std::to_string(end.status.code);
  const char* name = ::sigdescr_np(end.status.signal);
  return name != nullptr ? name : "signal " + std::to_string(end.status.signal);
}

}  // namespace

Result<baton::ChildSupervisor> Decoder::Supervise(const boost::asio::any_io_executor& executor,
                                                  const DecoderOptions& options) {
  return baton::ChildSupervisor::Create(executor, {.launch = {.program = options.program},
                                                   .restarts = options.restarts,
                                                   .stop_deadline = kGoodbyeTime});
}

Decoder::Decoder(baton::ChildSupervisor supervisor, const DecoderOptions& options)
    : options_(options), supervisor_(std::move(supervisor)) {}

// --- The child -----------------------------------------------------------------------------------

awaitable<Result<void>> Decoder::Ready() {
  detail_.clear();
  if (actor_ != nullptr && !actor_->CanSend()) co_await EndChild();  // no file is to blame
  if (actor_ == nullptr) {
    const auto started = co_await Start();
    if (!started) co_return Fail(started.error());
  }
  file_begin_ = actor_->traffic();
  co_return Result<void>();
}

// A child is started because somebody waits for it here.
awaitable<Result<void>> Decoder::Start() {
  for (;;) {
    auto [error, event] = co_await supervisor_.Next<PDecoderParent>(kEvent);
    if (error) co_return Explain(PictureErrc::kGivenUp, last_end_);
    if (event.end) {
      last_end_ = Describe(*event.end);
      if (event.end->kind == baton::ChildEndKind::kNotLaunched) co_return Fail(event.end->error);
      continue;
    }
    auto actor = std::make_shared<DecoderParent>();
    const auto bound = std::move(event.endpoint).Bind(actor, supervisor_.get_executor());
    if (!bound) {
      supervisor_.Kill();
      co_return Fail(bound.error());
    }
    actor_ = std::move(actor);
    co_return Result<void>();
  }
}

// The next one is started when it is needed. Who has died before it is killed keeps its own end.
awaitable<void> Decoder::EndChild() {
  actor_->Close();
  actor_.reset();
  supervisor_.Kill();
  auto [error, event] = co_await supervisor_.Next<PDecoderParent>(kEvent);
  if (!error && event.end) last_end_ = Describe(*event.end);
}

awaitable<void> Decoder::Close() {
  if (actor_ != nullptr) actor_->Close();
  actor_.reset();
  supervisor_.Stop();
  (void)co_await supervisor_.Next<PDecoderParent>(kEvent);
}

// --- A file --------------------------------------------------------------------------------------

Result<Shmem> Decoder::AllocShmem(std::uint64_t size) {
  return actor_->AllocShmem(size);
}

Result<Image> Decoder::Open(Shmem file) {
  auto image = std::make_shared<ImageParent>();
  BATON_CHECKED(actor_->SendPImageConstructor(image, std::move(file)));
  return Image(*this, std::move(image), options_.deadline);
}

baton::Traffic Decoder::FileTraffic() const {
  return actor_->traffic() - file_begin_;
}

awaitable<std::error_code> Decoder::Blame(std::error_code error) {
  if (actor_ == nullptr) co_return error;  // there has been no child at all
  if (error == baton::Cause::kPeerFault) {
    detail_ = error.message();
    error = PictureErrc::kBrokenPromise;
  }
  const bool is_to_blame = error == PictureErrc::kDeadline || error == PictureErrc::kBrokenPromise;
  if (!is_to_blame && actor_->CanSend()) co_return error;
  co_await EndChild();
  if (is_to_blame) co_return error;
  detail_ = last_end_;
  co_return PictureErrc::kDecoderDied;
}

baton::Failure Decoder::Explain(std::error_code error, std::string detail) {
  detail_ = std::move(detail);
  return Fail(error);
}

}  // namespace samples
