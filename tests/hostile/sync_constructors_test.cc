// Lies about sync constructors: flags that do not fit, numbers out of order, answers that are not
// the actor's, or come twice.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "tests/hostile/evil_answerer.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameHeader;
using internal::FrameKind;
using internal::kConstructorCall;
using internal::kInside;
using internal::kNested;
using internal::kSync;
using internal::Lane;
namespace PSync = ::testing::PSync;
using namespace std::chrono_literals;

constexpr std::uint32_t kFirstOfChild = 3;

class EvilMaker : public EvilAnswerer {
 public:
  ~EvilMaker() { HangUp(); }

  // What the victim asks for.
  Result<std::uint64_t> Make(std::chrono::microseconds deadline = kSyncDeadline) {
    return victim->SendPSyncRoomConstructor(room, 0, deadline);
  }

  void AnswerRoom(std::uint64_t call = kConstructorCall | kFirstOfChild,
                  std::uint32_t actor = kFirstOfChild, Lane lane = Lane::kControl) {
    FrameHeader header = AnswerHeader(FrameKind::kReply, call, actor, lane);
    Send(header, Number(*PSync::kPSyncRoomConstructor.reply, 42));
  }
  void RefuseRoom() {
    FrameHeader header = AnswerHeader(FrameKind::kReject, kConstructorCall | kFirstOfChild,
                                      kFirstOfChild, Lane::kControl);
    const auto rejection = internal::ToRejection(Errc::kRejected);
    const void* const values[] = {&rejection.space, &rejection.value};
    Send(header, Encode(internal::kRejectTable, values));
  }

  void Construct(std::uint64_t id, std::uint32_t flags,
                 const wire::Message& message = PSync::kPSyncRoomConstructor) {
    FrameHeader header = HeaderOf(FrameKind::kConstruct, Lane::kData);
    header.message = message.id;
    header.call = id;
    header.flags = flags;
    const bool has_number = !message.parameters->rows.empty();
    Send(header, has_number ? Number(*message.parameters, 0) : Encode(*message.parameters, {}));
  }

  void Knock(std::uint32_t actor) {
    FrameHeader header = HeaderOf(FrameKind::kMessage, Lane::kData);
    header.message = ::testing::PSyncRoom::kKnock.id;
    header.call = 1'000;
    header.actor = actor;
    header.flags = kSync | kNested;
    Send(header, Encode(*::testing::PSyncRoom::kKnock.parameters, {}));
  }

  void Run() {
    io.restart();
    io.poll();
  }

  RoomEnds ends;
  std::shared_ptr<SyncRoomChild> room = std::make_shared<SyncRoomChild>(ends);

 private:
  FrameHeader AnswerHeader(FrameKind kind, std::uint64_t call, std::uint32_t actor, Lane lane) {
    FrameHeader header = HeaderOf(kind, lane);
    header.message = PSync::kPSyncRoomConstructor.id;
    header.call = call;
    header.actor = actor;
    return header;
  }
};

TEST_CASE("hostile sync constructors: honest frames, written by hand, are taken") {
  const Guarded guarded;
  EvilMaker peer;
  peer.AnswerRoom();
  CHECK(Must(peer.Make()) == 42);
  CHECK(peer.room->CanSend());
  peer.Construct(2, kSync | kNested);
  peer.Construct(4, kSync | kNested | kInside);
  peer.Run();
  CHECK(peer.victim->rooms.size() == 2);
  peer.Knock(4);
  peer.Run();
  CHECK(peer.victim->rooms.back()->knocks == 1);
}

TEST_CASE("hostile sync constructors: an answer is the new actor's, once, and on its lane") {
  const Guarded guarded;
  EvilMaker peer;
  SECTION("on the data lane") {
    peer.AnswerRoom(kConstructorCall | kFirstOfChild, kFirstOfChild, Lane::kData);
    CHECK(peer.Make(50ms).error() == std::errc::timed_out);  // data waits
  }
  SECTION("of its manager") {
    peer.AnswerRoom(kConstructorCall | kFirstOfChild, 0);
    CHECK(peer.Make().error() == Errc::kPeerFault);
  }
  SECTION("of another actor") {
    peer.AnswerRoom(kConstructorCall | 5, 5);
    CHECK(peer.Make().error() == Errc::kPeerFault);
  }
  SECTION("with its id for a number") {
    peer.AnswerRoom(kFirstOfChild, kFirstOfChild);
    CHECK(peer.Make().error() == Errc::kPeerFault);
  }
  SECTION("twice") {
    peer.AnswerRoom();
    CHECK(Must(peer.Make()) == 42);
    peer.AnswerRoom();
  }
  SECTION("after a refusal") {
    peer.RefuseRoom();
    CHECK(peer.Make().error() == Errc::kRejected);
    peer.AnswerRoom();
  }
  SECTION("before it was asked") {
    peer.AnswerRoom();
  }
  peer.ExpectFault(Rule::kUnknownCall);
}

TEST_CASE("hostile sync constructors: what is said to an actor that was refused is late") {
  const Guarded guarded;
  EvilMaker peer;
  peer.RefuseRoom();
  CHECK(peer.Make().error() == Errc::kRejected);
  CHECK_FALSE(peer.room->CanSend());
  peer.Knock(kFirstOfChild);
  peer.Run();
  CHECK(peer.ends == RoomEnds{ActorDestroyReason::kFailedConstructor});
  CHECK(peer.victim->statistics().messages_late == 1);
  CHECK(peer.victim->destroyed == 0);
}

TEST_CASE("hostile sync constructors: a constructor is what its flags say") {
  const Guarded guarded;
  const bool waits = GENERATE(false, true);
  CAPTURE(waits);
  EvilMaker peer;
  SECTION("nested, said not to be") {
    peer.Construct(2, kSync);
  }
  SECTION("sync, said not to be") {
    peer.Construct(2, 0);
  }
  SECTION("nested without sync") {
    peer.Construct(2, kNested);
  }
  SECTION("inside without sync") {
    peer.Construct(2, kInside);
  }
  SECTION("async, said to be sync") {
    peer.Construct(2, kSync, PSync::kPSyncPartConstructor);
  }
  SECTION("async, said to be nested") {
    peer.Construct(2, kSync | kNested, PSync::kPSyncPartConstructor);
  }
  SECTION("a question that is none") {
    peer.Construct(2, kSync | kNested, PSync::kDive);
  }
  SECTION("a question, with a number that only constructors have") {
    FrameHeader header = peer.HeaderOf(FrameKind::kMessage, Lane::kData);
    header.message = PSync::kDive.id;
    header.call = kConstructorCall | 2;
    header.flags = kSync | kNested;
    peer.Send(header, peer.Number(*PSync::kDive.parameters, 0));
  }
  SECTION("as a message") {
    peer.Question(PSync::kPSyncRoomConstructor, kSync | kNested);
  }
  if (waits) CHECK_FALSE(peer.victim->SendAsk(1, 50ms));
  peer.ExpectFault(Rule::kFrameHeader);
}

TEST_CASE("hostile sync constructors: ids are in order, although a nested one passes others by") {
  const Guarded guarded;
  EvilMaker peer;
  Rule rule = Rule::kActorId;
  SECTION("of one that is held") {
    peer.Construct(4, 0, PSync::kPSyncPartConstructor);
    CHECK_FALSE(peer.victim->SendAsk(1, 50ms));
  }
  SECTION("of one that passes by") {
    peer.Construct(2, 0, PSync::kPSyncPartConstructor);
    peer.Construct(6, kSync | kNested);
    CHECK_FALSE(peer.victim->SendAsk(1, 50ms));
  }
  SECTION("the same twice") {
    peer.Construct(2, 0, PSync::kPSyncPartConstructor);
    peer.Construct(2, kSync | kNested);
    CHECK_FALSE(peer.victim->SendAsk(1, 50ms));
  }
  SECTION("no number of an actor's at all") {
    peer.Construct(kConstructorCall | 2, kSync | kNested);
    CHECK_FALSE(peer.victim->SendAsk(1, 50ms));
  }
  SECTION("a manager that has never been") {
    FrameHeader header = peer.HeaderOf(FrameKind::kConstruct, Lane::kData);
    header.message = PSync::kPSyncRoomConstructor.id;
    header.call = 2;
    header.actor = 8;
    header.flags = kSync | kNested;
    peer.Send(header, peer.Number(*PSync::kPSyncRoomConstructor.parameters, 0));
    CHECK_FALSE(peer.victim->SendAsk(1, 50ms));
    rule = Rule::kUnknownActor;
  }
  peer.ExpectFault(rule);
}

TEST_CASE("hostile sync constructors: one that nobody answers costs the deadline") {
  const Guarded guarded;
  EvilMaker peer;
  CHECK(peer.Make(5ms).error() == std::errc::timed_out);
  CHECK(peer.room->CanSend());
  Must(peer.room->Send__delete__());
  peer.Run();
  CHECK(peer.ends == RoomEnds{ActorDestroyReason::kDeletion});
  peer.RefuseRoom();  // of one that has gone by now
  peer.Run();
  CHECK(peer.victim->statistics().answers_late == 1);
  CHECK(peer.victim->destroyed == 0);
}

TEST_CASE("hostile sync constructors: more questions than may be open are too many") {
  const Guarded guarded;
  EvilMaker peer;
  // Held while the victim waits, which keeps them open. All at once: the kernel counts pieces.
  std::vector<std::byte> frames;
  for (std::uint64_t n = 0; n <= internal::kMaxUnansweredCalls; ++n) {
    FrameHeader header = peer.HeaderOf(FrameKind::kConstruct, Lane::kData);
    header.message = PSync::kPSyncRoomConstructor.id;
    header.call = 2 + 2 * n;
    header.flags = kSync;
    const auto frame = EvilParent::FrameOf(header, {});
    frames.insert(frames.end(), frame.begin(), frame.end());
  }
  REQUIRE(Must(platform::SendSome(peer.socket(), frames, {})) == frames.size());
  CHECK(peer.victim->SendAsk(1, 2s).error() == Errc::kPeerFault);
  peer.ExpectFault(Rule::kQuota);
}

}  // namespace
}  // namespace baton::testing
