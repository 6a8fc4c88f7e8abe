// Lies about managed actors: forged, foreign, stale and reused ids, floods, other protocols.
#include <catch2/catch.hpp>

#include "tests/hostile/evil_parent.h"
#include "tests/process/tree_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
namespace PWindow = tree::PWindow;
namespace PTab = tree::PTab;
namespace PFrame = tree::PFrame;
namespace PPlain = tree::PPlain;

// Speaks raw frames to a WindowOfChild.
class EvilWindow {
 public:
  explicit EvilWindow(const ChannelOptions& options = {}) {
    auto ends = Must(platform::CreateSocketPair());
    socket_ = std::move(ends.first);
    Must(EndpointOf<tree::PWindowChild>(std::move(ends.second))
             .Bind(victim, io.get_executor(), options));
    Send(EvilParent::HelloHeader(),
         EvilParent::HelloPayload(EvilParent::HelloOf(PWindow::kProtocol)));
  }
  ~EvilWindow() {
    socket_.Reset();
    io.restart();
    io.run();
    for (const auto& [who, times] : world.destroyed) {
      INFO(who);
      CHECK(times == 1);
    }
    CHECK(world.destroyed.contains("window 0"));
  }

  std::vector<std::byte> Encode(const wire::Table& table, std::span<const void* const> values) {
    const auto encoded = Must(encoder_.Encode(table, values, 1 << 20));
    return {encoded.bytes.begin(), encoded.bytes.end()};
  }

  void Send(const FrameHeader& header, std::span<const std::byte> payload) {
    const auto frame = EvilParent::FrameOf(header, payload);
    std::span<const std::byte> bytes = frame;
    while (!bytes.empty()) {
      const auto sent = platform::SendSome(socket_, bytes, {});
      if (sent) {
        bytes = bytes.subspan(*sent);
      } else if (sent.error() != std::errc::operation_would_block) {
        return;  // the victim has closed
      }
      Run();
    }
  }

  FrameHeader DataHeader(FrameKind kind, std::uint32_t actor) {
    FrameHeader header;
    header.lane = internal::Lane::kData;
    header.kind = kind;
    header.actor = actor;
    header.sequence = ++sequence_;
    return header;
  }

  // Makes a plain actor, if the victim lets us.
  void Construct(std::uint64_t id, std::uint32_t manager = 0,
                 const wire::Message& message = PWindow::kPPlainConstructor) {
    FrameHeader header = DataHeader(FrameKind::kConstruct, manager);
    header.message = message.id;
    header.call = id;
    const std::uint32_t depth = 1;
    const void* const values[] = {&depth};
    Send(header,
         Encode(*message.parameters, std::span(values).first(message.parameters->rows.size())));
  }
  void ConstructTab(std::uint64_t id) {
    FrameHeader header = DataHeader(FrameKind::kConstruct, 0);
    header.message = PWindow::kPTabConstructor.id;
    header.call = id;
    const std::string url;
    const tree::Look look;
    const std::optional<Shmem> memory;
    const std::vector<std::byte> data;
    const std::map<std::string, std::uint32_t> marks;
    const void* const values[] = {&url, &look, &memory, &data, &marks};
    Send(header, Encode(*PWindow::kPTabConstructor.parameters, values));
  }
  void Note(std::uint32_t actor, const wire::Message& message = PPlain::kNote) {
    FrameHeader header = DataHeader(FrameKind::kMessage, actor);
    header.message = message.id;
    const std::uint32_t number = 1;
    const void* const values[] = {&number};
    Send(header, Encode(*message.parameters, values));
  }
  void Ask(std::uint32_t actor, std::uint64_t call, const wire::Message& message) {
    FrameHeader header = DataHeader(FrameKind::kMessage, actor);
    header.message = message.id;
    header.call = call;
    const std::uint32_t number = 1;
    const void* const values[] = {&number};
    Send(header, Encode(*message.parameters, values));
  }
  // "Show", with these ids in it.
  void Show(std::uint32_t tab) {
    FrameHeader header = DataHeader(FrameKind::kMessage, 0);
    header.message = PWindow::kShow.id;
    const std::shared_ptr<Actor> none;
    const void* const values[] = {&none, &none};
    const auto encoded = Must(encoder_.Encode(*PWindow::kShow.parameters, values, 1 << 20));
    REQUIRE(encoded.actors.size() == 1);
    std::memcpy(encoded.bytes.data() + encoded.actors[0].position, &tab, sizeof(tab));
    const std::vector<std::byte> payload(encoded.bytes.begin(), encoded.bytes.end());
    Send(header, payload);
  }
  void Take(std::uint32_t id) {
    FrameHeader header = DataHeader(FrameKind::kMessage, 0);
    header.message = PWindow::kTake.id;
    const internal::AnyManagedEndpoint none;
    const std::uint32_t number = 1;
    const void* const values[] = {&none, &number};
    const auto encoded = Must(encoder_.Encode(*PWindow::kTake.parameters, values, 1 << 20));
    std::memcpy(encoded.bytes.data() + encoded.actors[0].position, &id, sizeof(id));
    const std::vector<std::byte> payload(encoded.bytes.begin(), encoded.bytes.end());
    Send(header, payload);
  }
  void Open(std::uint64_t id, std::uint64_t protocol = PTab::kProtocol.id,
            std::uint32_t manager = 0) {
    FrameHeader header = DataHeader(FrameKind::kOpen, manager);
    header.call = id;
    const void* const values[] = {&protocol};
    Send(header, Encode(internal::kOpenTable, values));
  }
  void Gone(std::uint32_t id, ActorDestroyReason reason) {
    const auto number = static_cast<std::uint8_t>(reason);
    const void* const values[] = {&number};
    Send(DataHeader(FrameKind::kGone, id), Encode(internal::kGoneTable, values));
  }

  void Run() {
    io.restart();
    io.poll();
  }
  void ExpectFault(Rule rule) {
    Run();
    INFO(victim->close_detail());
    CHECK(world.destroyed["window 0"] == 1);
    CHECK(victim->close_error() == rule);
  }
  void ExpectAlive() {
    Run();
    INFO(victim->close_detail());
    CHECK(victim->CanSend());
  }

  io_context io;
  World world;
  std::shared_ptr<WindowOfChild> victim = std::make_shared<WindowOfChild>(world);

 private:
  platform::Handle socket_;
  wire::Encoder encoder_;
  std::uint64_t sequence_ = 0;
};

TEST_CASE("hostile: an honest raw peer grows a tree, so that the lies below are what is refused") {
  const Guarded guarded;
  EvilWindow evil;
  evil.Construct(2);
  evil.Note(2);
  evil.ConstructTab(4);
  evil.Construct(6, 4, PTab::kPFrameConstructor);
  evil.Construct(8, 6, PFrame::kPFrameConstructor);
  evil.Show(4);
  evil.Open(10);
  evil.Take(10);
  evil.ExpectAlive();
  CHECK(evil.victim->shown.size() == 1);
  CHECK(evil.victim->endpoint);
  CHECK(evil.victim->tabs().size() == 1);
}

TEST_CASE("hostile: ids of new actors") {
  const Guarded guarded;
  EvilWindow evil;
  evil.Construct(2);
  SECTION("used before") {
    evil.Construct(2);
  }
  SECTION("of the wrong side") {
    evil.Construct(3);
  }
  SECTION("skipped") {
    evil.Construct(6);
  }
  SECTION("that of the top level") {
    evil.Construct(0);
  }
  SECTION("beyond all") {
    evil.Construct(0x1'0000'0004);
  }
  SECTION("used before, of an endpoint") {
    evil.Open(2);
  }
  evil.ExpectFault(Rule::kActorId);
}

TEST_CASE("hostile: actors that have never been") {
  const Guarded guarded;
  EvilWindow evil;
  evil.Construct(2);
  SECTION("spoken to") {
    evil.Note(4);
  }
  SECTION("of our own numbers, spoken to") {
    evil.Note(3);
  }
  SECTION("the number 1") {
    evil.Note(1);
  }
  SECTION("as a manager") {
    evil.Construct(4, 6);
  }
  SECTION("itself as its manager") {
    evil.Construct(4, 4);
  }
  SECTION("as a value") {
    evil.Show(4);
  }
  SECTION("none as a value") {
    evil.Show(0xffffffff);
  }
  SECTION("that end") {
    evil.Gone(4, ActorDestroyReason::kManagedEndpointDropped);
  }
  SECTION("the top level, that ends") {
    evil.Gone(0, ActorDestroyReason::kFailedConstructor);
  }
  SECTION("whose constructor was not ours") {
    evil.Gone(2, ActorDestroyReason::kFailedConstructor);
  }
  SECTION("as an endpoint") {
    evil.Take(4);
  }
  SECTION("as an endpoint, though it is an actor") {
    evil.Take(2);
  }
  evil.ExpectFault(Rule::kUnknownActor);
}

TEST_CASE("hostile: actors of another protocol") {
  const Guarded guarded;
  EvilWindow evil;
  evil.Construct(2);
  Rule rule = Rule::kActorProtocol;
  SECTION("as a value") {
    evil.Show(2);
  }
  SECTION("the top level as a value") {
    evil.Show(0);
  }
  SECTION("as an endpoint") {
    evil.Open(4, PPlain::kProtocol.id);
    evil.Take(4);
  }
  SECTION("spoken to in their language") {
    evil.Note(2, PTab::kNote);
    rule = Rule::kUnknownMessage;
  }
  SECTION("as a manager of what they do not manage") {
    evil.Construct(4, 2);
    rule = Rule::kUnknownMessage;
  }
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: constructors and messages in each other's clothes") {
  const Guarded guarded;
  EvilWindow evil;
  SECTION("a constructor that is a message") {
    FrameHeader header = evil.DataHeader(FrameKind::kMessage, 0);
    header.message = PWindow::kPPlainConstructor.id;
    evil.Send(header, evil.Encode(*PWindow::kPPlainConstructor.parameters, {}));
  }
  SECTION("a message that is a constructor") {
    FrameHeader header = evil.DataHeader(FrameKind::kConstruct, 0);
    header.message = PWindow::kDo.id;
    header.call = 2;
    const std::uint32_t number = 1;
    const void* const values[] = {&number};
    evil.Send(header, evil.Encode(*PWindow::kDo.parameters, values));
  }
  evil.ExpectFault(Rule::kFrameHeader);
}

TEST_CASE("hostile: an endpoint that arrives twice") {
  const Guarded guarded;
  EvilWindow evil;
  evil.Open(2);
  evil.Take(2);
  evil.Take(2);
  evil.ExpectFault(Rule::kUnknownActor);
}

TEST_CASE("hostile: a question for an endpoint below an endpoint waits twice, and is no lie") {
  const Guarded guarded;
  EvilWindow evil;
  evil.Open(2);
  evil.Take(2);
  evil.Open(4, PFrame::kProtocol.id, 2);
  evil.Ask(4, 1, PFrame::kAsk);
  evil.Run();
  const auto tab = std::make_shared<TabOfChild>(evil.world);
  Must(evil.victim->BindPTabEndpoint(std::move(evil.victim->endpoint), tab));
  evil.Ask(2, 2, PTab::kAsk);
  evil.ExpectAlive();
  const std::uint64_t sent = evil.victim->statistics().messages_sent;
  evil.Gone(4, ActorDestroyReason::kManagedEndpointDropped);
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().messages_sent == sent + 1);  // its refusal
}

TEST_CASE("hostile: why an actor ends is one of two reasons") {
  const Guarded guarded;
  EvilWindow evil;
  evil.Construct(2);
  evil.Gone(2, static_cast<ActorDestroyReason>(GENERATE(0, 1, 2, 3, 6, 255)));
  evil.ExpectFault(Rule::kEnumValue);
}

TEST_CASE("hostile: what is said to an actor that has gone is dropped, whatever it is") {
  const Guarded guarded;
  EvilWindow evil;
  evil.ConstructTab(2);
  evil.Run();
  Must(std::static_pointer_cast<TabOfChild>(evil.victim->tabs().at(0))->Send__delete__("ours"));
  evil.Note(2, PTab::kNote);
  evil.Construct(4, 2, PTab::kPFrameConstructor);
  evil.Note(4, PFrame::kNote);
  evil.Show(2);
  evil.Gone(2, ActorDestroyReason::kManagedEndpointDropped);
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().messages_late == 4);
  CHECK(evil.victim->shown.empty());
}

TEST_CASE("hostile: a flood of actors that nobody reads about") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  ChannelOptions options;
  options.max_actors = 10;
  options.max_queued_messages = 100;
  EvilWindow evil(options);
  // Turned away beyond 10; whoever does not listen to that has too many in the end.
  for (std::uint64_t id = 2; id < 2 * 200'000 && evil.victim->CanSend(); id += 2) {
    evil.Construct(id);
  }
  evil.ExpectFault(Rule::kQuota);
}

TEST_CASE("hostile: a flood of messages for endpoints that nobody binds") {
  const Guarded guarded;
  EvilWindow evil;
  for (std::uint32_t n = 1; n <= 100; ++n) {
    evil.Open(2 * n);
    for (int i = 0; i < 300; ++i) evil.Note(2 * n, PTab::kNote);
  }
  evil.ExpectAlive();
  CHECK(evil.victim->statistics().messages_late > 0);  // of 256 that wait the endpoint is dropped
}

TEST_CASE("hostile: a tree as deep as can be is taken down without recursion") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  EvilWindow evil;
  evil.ConstructTab(2);
  evil.Construct(4, 2, PTab::kPFrameConstructor);
  constexpr std::uint32_t kDeep = 10'000;
  for (std::uint32_t n = 2; n < kDeep; ++n) {
    evil.Construct(2 * n + 2, 2 * n, PFrame::kPFrameConstructor);
  }
  evil.ExpectAlive();
  evil.Run();
  Must(std::static_pointer_cast<TabOfChild>(evil.victim->tabs().at(0))->Send__delete__("all"));
  evil.Run();
  CHECK(evil.world.ended.size() == kDeep);
  CHECK(evil.world.ended.back().who == "tab 2");
}

}  // namespace
}  // namespace baton::testing
