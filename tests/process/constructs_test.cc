// Every construct of the language crosses, there and back: through generated code, between threads
// and processes, over each transport. docs/testing.md lists where each construct is exercised.
#include <fcntl.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include <baton/async.h>

#include "constructsChild.h"
#include "constructsParent.h"
#include "tests/process/transport.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using namespace constructs;
using boost::system::error_code;

// Answers with what it is given.
class ConstructsChild final : public PConstructsChild {
 public:
  int destroyed = 0;

 private:
  void RecvSend(Scalars scalars, Texts texts, SendReplier reply) override {
    reply({scalars, std::move(texts)});
  }
  void RecvEnums(Mode mode, Style style, Tool tool, EnumsReplier reply) override {
    reply({mode, style, tool});
  }
  void RecvLimits(Bounded bounded, LimitsReplier reply) override { reply(std::move(bounded)); }
  void RecvWrap(Wrapped wrapped, WrapReplier reply) override { reply(std::move(wrapped)); }
  void RecvMap(Maps maps, MapReplier reply) override { reply(std::move(maps)); }
  void RecvDraw(Shape shape, DrawReplier reply) override { reply(std::move(shape)); }
  void RecvKeep(Own own, KeepReplier reply) override { reply(std::move(own)); }
  void RecvLend(Handles handles, LendReplier reply) override { reply(std::move(handles)); }
  void RecvCut(Slices slices, ShmemSlice alone, CutReplier reply) override {
    reply({std::move(slices), std::move(alone)});
  }
  void RecvFlush(FlushReplier reply) override { reply({}); }
  Result<void> RecvPing(std::uint32_t number) override {
    return SendSay("ping " + std::to_string(number));
  }
  void RecvLook(Tainted<std::uint32_t> number, std::uint32_t any, std::uint32_t own,
                LookReplier reply) override {
    const auto good = number.Validate([](auto value) { return value < 10; });
    if (!good) return reply.Reject(good.error());
    reply(*good + any + own);
  }
  void RecvSoon(SoonReplier reply) override { reply(true); }
  Result<void> RecvSay(std::string text) override {
    if (text == "end it") return Send__delete__("as told");
    return SendSay("heard " + text);
  }
  Result<void> Recv__delete__(std::string why) override {
    PEER_EXPECT(why == "enough");
    was_told_ = true;
    return {};
  }
  void ActorDestroy(ActorDestroyReason reason) override {
    ++destroyed;
    PEER_EXPECT(!was_told_ || reason == ActorDestroyReason::kNormalShutdown);
  }

  bool was_told_ = false;
};

PEER(ConstructsEcho) {
  boost::asio::io_context io;
  const auto child = std::make_shared<ConstructsChild>();
  Link link = Accept(std::move(channel_end));
  Must(internal::BindEndpoint(std::move(link.parts), child, io.get_executor(), link.options));
  io.run();
  PEER_EXPECT(child->destroyed == 1);
}

class ConstructsParent : public PConstructsParent {
 public:
  std::vector<std::string> heard;
  std::string deleted;
  std::vector<ActorDestroyReason> ends;
  std::function<void()> on_heard = [] {};

 private:
  Result<void> RecvSay(std::string text) override {
    heard.push_back(std::move(text));
    on_heard();
    return {};
  }
  Result<void> Recv__delete__(std::string why) override {
    deleted = std::move(why);
    return {};
  }
  void ActorDestroy(ActorDestroyReason reason) override { ends.push_back(reason); }
};

// A parent whose child is in the peer.
template <class Parent = ConstructsParent>
struct Session {
  Session() : peer(START_PEER(transport.peer, ConstructsEcho)) {
    Link link = Offer(peer, transport);
    Must(internal::BindEndpoint(std::move(link.parts), parent, io.get_executor(), link.options));
  }
  ~Session() {
    parent->Close();
    io.restart();
    io.run();
    CHECK(parent->ends.size() == 1);
    peer.Join();
  }

  // What came back; `ask(completion)` asks.
  template <class Reply, class Ask>
  Reply Answer(Ask ask) {
    std::optional<Reply> answer;
    error_code error;
    ask([&](error_code failed, Reply reply) {
      error = failed;
      answer = std::move(reply);
    });
    io.restart();
    while (!answer) io.run_one();
    INFO(error.message() << " " << parent->send_error_detail());
    REQUIRE_FALSE(error);
    return std::move(*answer);
  }

  const Transport transport = EachTransport();
  const Guarded guarded;
  boost::asio::io_context io;
  std::shared_ptr<Parent> parent = std::make_shared<Parent>();
  Peer peer;
};

TEST_CASE("constructs: numbers of every width, text and bytes") {
  Session session;
  using Limit64 = std::numeric_limits<std::int64_t>;
  const Scalars scalars = {true,          -128,           255,
                           -32768,        65535,          std::numeric_limits<std::int32_t>::min(),
                           4'000'000'000, Limit64::min(), ~std::uint64_t{0},
                           -1.5F,         1e300};
  const Texts texts = {"gr\xc3\xbc\xc3\x9f\0e", {std::byte{0}, std::byte{255}}};
  const auto back = session.Answer<PConstructs::SendReply>(
      [&](auto done) { session.parent->SendSend(scalars, texts, done); });
  CHECK(back.scalars_back == scalars);
  CHECK(back.texts_back == texts);
}

TEST_CASE("constructs: enums, flags, and an extensible one with a value of tomorrow") {
  Session session;
  const auto tomorrow = static_cast<Tool>(77);
  const auto back = session.Answer<PConstructs::EnumsReply>([&](auto done) {
    session.parent->SendEnums(Mode::kOn, Style::kBold | Style::kItalic, tomorrow, done);
  });
  CHECK(back == PConstructs::EnumsReply{Mode::kOn, Style::kBold | Style::kItalic, tomorrow});
}

TEST_CASE("constructs: constants, bounds and defaults") {
  Session session;
  STATIC_REQUIRE(kMost == 9);
  STATIC_REQUIRE(kUnit == "mm");
  Bounded bounded;
  CHECK(bounded == Bounded{3, "mm", {}, Mode::kOn});
  const auto ask = [&](auto done) { session.parent->SendLimits(bounded, done); };
  CHECK(session.Answer<Bounded>(ask) == bounded);
  bounded = {kMost, "inch", {1, 2}, Mode::kOff};
  CHECK(session.Answer<Bounded>(ask) == bounded);
  bounded.few.push_back(3);
  error_code refused;
  session.parent->SendLimits(bounded, [&](error_code error, const Bounded&) { refused = error; });
  CHECK(session.parent->send_error_detail() == "bounded.few");
  session.io.restart();
  session.io.poll();
  CHECK(refused == make_error_code(Errc::kOutOfBounds));
}

TEST_CASE("constructs: arrays, fixed arrays, optionals and owned pointers, in each other") {
  Session session;
  Wrapped wrapped;
  wrapped.grid = {{1, 2}, {}, {3}};
  wrapped.four = {1, 2, 3, 4};
  wrapped.pairs = {{"a", "b"}, {"", "d"}};
  wrapped.maybe = Mode::kOn;
  wrapped.holes = {1, std::nullopt, 0};
  wrapped.bits = {true, false, true};
  wrapped.styles = {Style::kBold, Style{}};
  wrapped.twice.emplace(std::nullopt);
  wrapped.next = std::make_unique<Wrapped>();
  wrapped.next->holes = {7};
  const auto back =
      session.Answer<Wrapped>([&](auto done) { session.parent->SendWrap(wrapped, done); });
  CHECK(ToString(back) == ToString(wrapped));
  REQUIRE(back.twice.has_value());
  CHECK_FALSE(back.twice->has_value());
  REQUIRE(back.next != nullptr);
  CHECK(back.next->next == nullptr);
}

TEST_CASE("constructs: maps by text, by enum, and of maps") {
  Session session;
  const Maps maps = {{{"", 1}, {"b", 2}},
                     {{Mode::kOff, {}}, {Mode::kOn, {{1, 2}, {3, 4}}}},
                     {{-1, {{7, "seven"}}}, {1, {}}}};
  CHECK(session.Answer<Maps>([&](auto done) { session.parent->SendMap(maps, done); }) == maps);
}

TEST_CASE("constructs: a union from an included file, with itself inside of itself") {
  Session session;
  Shape inner;
  inner.emplace<1>("text");
  Shape shape;
  shape.emplace<2>(std::vector<Shape>{inner, Shape()});
  const auto ask = [&](auto done) { session.parent->SendDraw(shape, done); };
  CHECK(session.Answer<Shape>(ask) == shape);
  shape.emplace<3>(9u);
  CHECK(session.Answer<Shape>(ask) == shape);
  shape.emplace<0>(Point{1, 2});
  CHECK(session.Answer<Shape>(ask) == shape);
}

TEST_CASE("constructs: C++ types of a program's own, shared ones and such as move alone") {
  Session session;
  Own own;
  own.colour = {0xff00ff};
  own.palette = {{1}, {2}};
  own.font = std::make_shared<Font>(Font{"serif"});
  own.token = Token(42);
  auto back =
      session.Answer<Own>([&](auto done) { session.parent->SendKeep(std::move(own), done); });
  CHECK(back.colour == Colour{0xff00ff});
  CHECK(back.palette == std::vector<Colour>{{1}, {2}});
  REQUIRE(back.font != nullptr);
  CHECK(back.font->name == "serif");
  CHECK(back.spare == nullptr);
  CHECK(back.token.number() == 42);
  back.spare = std::make_shared<Font>(Font{"sans"});
  const auto again =
      session.Answer<Own>([&](auto done) { session.parent->SendKeep(std::move(back), done); });
  REQUIRE(again.spare != nullptr);
  CHECK(again.spare->name == "sans");
}

TEST_CASE("constructs: memory of each kind, and files") {
  Session session;
  const auto open = [] { return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); };
  Handles handles;
  handles.memory = Must(session.parent->AllocShmem(10));
  handles.memory.bytes()[9] = std::byte{1};
  handles.floats = Must(TypedShmem<float>::From(Must(session.parent->AllocShmem(8))));
  handles.floats.elements()[1] = 2.5F;
  handles.shared = Must(session.parent->AllocUnsafeShmem(10));
  handles.shared.bytes()[3] = std::byte{2};
  handles.modes = Must(TypedShmem<Mode>::From(Must(session.parent->AllocShmem(2))));
  handles.modes.elements()[1] = Mode::kOn;
  handles.named["a"] = Must(session.parent->AllocShmem(3));
  handles.named["a"].bytes()[2] = std::byte{3};
  handles.owned = std::make_unique<Shmem>(Must(session.parent->AllocShmem(4)));
  handles.owned->bytes()[3] = std::byte{4};
  handles.maybe_shared = Must(session.parent->AllocUnsafeShmem(5));
  handles.all_shared.push_back(Must(session.parent->AllocUnsafeShmem(6)));
  handles.all_shared[0].bytes()[5] = std::byte{6};
  handles.maybe_file = open();
  handles.file = open();
  handles.files.push_back(open());
  handles.files.push_back(open());
  auto back = session.Answer<Handles>(
      [&](auto done) { session.parent->SendLend(std::move(handles), done); });
  CHECK(back.memory.bytes()[9] == std::byte{1});
  CHECK_FALSE(back.more.has_value());
  CHECK(back.floats.elements()[1] == 2.5F);
  CHECK(back.shared.bytes()[3] == std::byte{2});
  CHECK(back.modes.elements()[1] == Mode::kOn);
  CHECK(back.named.at("a").bytes()[2] == std::byte{3});
  REQUIRE(back.owned != nullptr);
  CHECK(back.owned->bytes()[3] == std::byte{4});
  CHECK(back.maybe_shared.has_value());
  REQUIRE(back.all_shared.size() == 1);
  CHECK(back.all_shared[0].bytes()[5] == std::byte{6});
  CHECK(back.file);
  CHECK(back.maybe_file.has_value());
  CHECK(back.files.size() == 2);
  back.more = std::move(back.memory);
  back.owned = nullptr;
  back.memory = Must(session.parent->AllocShmem(1));
  const auto again =
      session.Answer<Handles>([&](auto done) { session.parent->SendLend(std::move(back), done); });
  CHECK(again.owned == nullptr);
  REQUIRE(again.more.has_value());
  CHECK(again.more->bytes()[9] == std::byte{1});
}

TEST_CASE("constructs: slices of memory, wherever a value may be") {
  Session session;
  const auto slice = [&](std::uint64_t offset, std::uint64_t length) {
    Shmem whole = Must(session.parent->AllocShmem(100));
    for (std::size_t n = 0; n < 100; ++n) whole.bytes()[n] = static_cast<std::byte>(n);
    return Must(ShmemSlice::Of(std::move(whole), offset, length));
  };
  const auto is = [](const ShmemSlice& one, std::uint64_t offset, std::uint64_t length) {
    return one.offset() == offset && one.size() == length && one.whole_size() == 100 &&
           (length == 0 || one.bytes()[0] == static_cast<std::byte>(offset));
  };
  Slices slices;
  slices.one = slice(10, 20);
  slices.maybe = slice(0, 100);
  slices.many.push_back(slice(100, 0));
  slices.many.push_back(slice(99, 1));
  slices.either.emplace<1>(slice(7, 8));
  auto back = session.Answer<PConstructs::CutReply>(
      [&](auto done) { session.parent->SendCut(std::move(slices), slice(50, 5), done); });
  CHECK(is(back.slices_back.one, 10, 20));
  REQUIRE(back.slices_back.maybe.has_value());
  CHECK(is(*back.slices_back.maybe, 0, 100));
  REQUIRE(back.slices_back.many.size() == 2);
  CHECK(is(back.slices_back.many[0], 100, 0));
  CHECK(is(back.slices_back.many[1], 99, 1));
  const ShmemSlice* const held = back.slices_back.either.get_if<1>();
  REQUIRE(held != nullptr);
  CHECK(is(*held, 7, 8));
  CHECK(is(back.alone_back, 50, 5));
  CHECK(slices.one.state() == ShmemState::kSent);
}

TEST_CASE("constructs: an answer without a value, a tainted value, a deadline") {
  Session session;
  STATIC_REQUIRE(PConstructsParent::kSoonDeadline == std::chrono::seconds(5));
  (void)session.Answer<PConstructs::FlushReply>(
      [&](auto done) { session.parent->SendFlush(done); });
  const auto look = [&](auto done) { session.parent->SendLook(9, 100, 1000, done); };
  CHECK(session.Answer<std::uint32_t>(look) == 1109);
  CHECK(session.Answer<bool>([&](auto done) { session.parent->SendSoon(done); }));
}

// Sends twice what it is told to send.
class LoudParent final : public ConstructsParent {
 public:
  Result<void> SendPing(std::uint32_t number) override {
    BATON_CHECKED(ConstructsParent::SendPing(number));
    return ConstructsParent::SendPing(number + 1);
  }
};

TEST_CASE("constructs: a message that both sides send, and a SendX that was overridden") {
  Session<LoudParent> session;
  PConstructsParent& sender = *session.parent;
  Must(sender.SendSay("me"));
  Must(sender.SendPing(1));
  session.io.restart();
  while (session.parent->heard.size() < 3) session.io.run_one();
  CHECK(session.parent->heard == std::vector<std::string>{"heard me", "ping 1", "ping 2"});
}

TEST_CASE("constructs: the destructor of a top-level actor ends the channel, from either side") {
  Session session;
  SECTION("ours") {
    Must(session.parent->Send__delete__("enough"));
    CHECK(session.parent->SendSay("late").error() == Errc::kClosed);
    CHECK(session.parent->Send__delete__("again").error() == Errc::kClosed);
  }
  SECTION("theirs") {
    Must(session.parent->SendSay("end it"));
  }
  session.io.restart();
  session.io.run();
  CHECK(session.parent->ends == std::vector{ActorDestroyReason::kNormalShutdown});
  CHECK_FALSE(session.parent->close_error());
  CHECK((session.parent->deleted.empty() || session.parent->deleted == "as told"));
}

}  // namespace
}  // namespace baton::testing
