#include "bench/asking.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include <baton/async.h>
#include <baton/base/check.h>
#include <baton/baton.h>

#include "treeChild.h"
#include "treeParent.h"

namespace bench {
namespace {

using boost::asio::awaitable;
using boost::asio::use_awaitable;
using boost::system::error_code;

class Answerer final : public PGardenParent {
  void RecvAsk(AskReplier reply) override { reply({}); }
};
class Asker final : public PGardenChild {
  std::shared_ptr<PLeafChild> AllocPLeafChild() override { return nullptr; }
};

}  // namespace

class Asking::Pair {
 public:
  Pair() {
    auto ends = baton::CreateInProcessEndpoints<PGardenParent, PGardenChild>();
    BATON_CHECK(std::move(ends.first).Bind(std::make_shared<Answerer>(), io_.get_executor()));
    BATON_CHECK(std::move(ends.second).Bind(asker_, io_.get_executor()));
  }
  ~Pair() {
    asker_->Close();
    io_.restart();
    io_.run();
  }

  void Run(Token token, std::uint64_t questions) {
    left_ = questions;
    if (token == Token::kAwaitable || token == Token::kAwaitableTuple) {
      boost::asio::co_spawn(io_, token == Token::kAwaitable ? Await() : AwaitTuples(),
                            boost::asio::detached);
    } else {
      Ask(token);
    }
    io_.restart();
    while (left_ > 0) io_.run_one();
  }

 private:
  void Ask(Token token) {
    auto answered = [this, token](error_code error, PGarden::AskReply) {
      BATON_CHECK(!error);
      if (--left_ > 0) Ask(token);
    };
    if (token == Token::kCallbackWithin) {
      asker_->SendAsk(baton::Within(std::chrono::hours(1), answered));
    } else if (token == Token::kCallbackWithSlot) {
      asker_->SendAsk(boost::asio::bind_cancellation_slot(signal_.slot(), answered));
    } else {
      asker_->SendAsk(answered);
    }
  }

  awaitable<void> Await() {
    for (; left_ > 0; --left_) co_await asker_->SendAsk(use_awaitable);
  }

  awaitable<void> AwaitTuples() {
    for (; left_ > 0; --left_) {
      const auto [error, reply] = co_await asker_->SendAsk(boost::asio::as_tuple(use_awaitable));
      BATON_CHECK(!error);
    }
  }

  boost::asio::io_context io_{1};
  boost::asio::cancellation_signal signal_;
  std::shared_ptr<Asker> asker_ = std::make_shared<Asker>();
  std::uint64_t left_ = 0;
};

Asking::Asking() : pair_(std::make_unique<Pair>()) {}
Asking::~Asking() = default;

void Asking::Run(Token token, std::uint64_t questions) {
  pair_->Run(token, questions);
}

}  // namespace bench
