// A protocol in Mozilla's own dialect, .ipdl, through generated code.
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <vector>

#include <baton/async.h>

#include "PDialectChild.h"
#include "PDialectItemChild.h"
#include "PDialectItemParent.h"
#include "PDialectParent.h"
#include "tests/process/transport.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using namespace dialect;

class ItemChild final : public PDialectItemChild {
 public:
  explicit ItemChild(std::uint32_t number) : number(number) {}
  const std::uint32_t number;

 private:
  Result<void> RecvAdd(double value) override { return SendSum(sum_ += value); }
  double sum_ = 0;
};

class DialectChild final : public PDialectChild {
 public:
  bool was_deleted = false;

 private:
  void RecvEcho(Pair pair, bool wanted, EchoReplier reply) override {
    reply(wanted ? std::move(pair) : Pair());
  }
  std::shared_ptr<PDialectItemChild> AllocPDialectItemChild(const std::uint32_t number) override {
    return std::make_shared<ItemChild>(number);
  }
  Result<void> RecvChoose(std::shared_ptr<PDialectItemChild> item) override {
    const int number =
        item == nullptr ? -1 : static_cast<int>(static_cast<ItemChild&>(*item).number);
    return SendChosen(number);
  }
  Result<void> Recv__delete__() override {
    was_deleted = true;
    return {};
  }
};

PEER(DialectPeer) {
  boost::asio::io_context io;
  const auto child = std::make_shared<DialectChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->was_deleted);
}

class ItemParent final : public PDialectItemParent {
 public:
  std::vector<double> sums;

 private:
  Result<void> RecvSum(double value) override {
    sums.push_back(value);
    return {};
  }
};

class DialectParent final : public PDialectParent {
 public:
  std::vector<int> chosen;

 private:
  Result<void> RecvChosen(std::int32_t number) override {
    chosen.push_back(number);
    return {};
  }
};

TEST_CASE("an .ipdl protocol has a manager, an answer, a nullable actor and destructors") {
  const Transport transport = EachTransport();
  const Guarded guarded;
  Peer peer = START_PEER(transport.peer, DialectPeer);
  boost::asio::io_context io;
  const auto parent = std::make_shared<DialectParent>();
  Link link = Offer(peer, transport);
  Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));

  const auto item = std::make_shared<ItemParent>();
  Must(parent->SendPDialectItemConstructor(item, 7));
  Must(item->SendAdd(1.5));
  Must(item->SendAdd(2));
  Must(parent->SendChoose(item));
  Must(parent->SendChoose(nullptr));
  Pair echoed;
  parent->SendEcho({4, {-1, 2}}, true, [&](boost::system::error_code error, Pair pair) {
    CHECK_FALSE(error);
    echoed = std::move(pair);
    Must(item->Send__delete__());
    Must(parent->Send__delete__());
  });
  io.run();
  CHECK(echoed == Pair{4, {-1, 2}});
  CHECK(item->sums == std::vector{1.5, 3.5});
  CHECK(parent->chosen == std::vector{7, -1});
  peer.Join();
}

}  // namespace
}  // namespace baton::testing
