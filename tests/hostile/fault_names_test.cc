// Whatever a peer breaks, the reason names protocol, message, field and rule, and says what was
// seen.
#include <algorithm>
#include <functional>
#include <iterator>
#include <limits>

#include <baton/message_log.h>

#include "tests/hostile/evil_scene.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using faults::LooseScene;
using platform::Handle;
namespace PFaults = faults::PFaults;
namespace PLoose = faults::PLoose;

std::vector<std::byte> BytesOf(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

LooseScene HonestScene() {
  LooseScene scene;
  scene.size = {16384, 1};
  scene.damage = {
      {0, 0, BytesOf("a"), {}}, {5, 1, BytesOf("b"), {1, 0}}, {-5, 0, BytesOf("c"), {}}};
  scene.counts = {{BytesOf("a"), 100}, {BytesOf("b"), 0}};
  scene.thing = {1, faults::LooseSize{1, 1}};
  scene.words = {"abc", "d"};
  scene.scale = 1.5;
  return scene;
}

struct SceneLie {
  std::function<void(LooseScene&)> tell;
  Rule rule;
  std::string place;  // and what was seen there
};

const SceneLie kSceneLies[] = {
    {[](auto& scene) { scene.size.width = 70000; }, Rule::kBounds,
     "scene.size.width: 70000 is over Max=16384"},
    {[](auto& scene) { scene.damage[2].x = -6; }, Rule::kBounds,
     "scene.damage[2].x: -6 is under Min=-5"},
    {[](auto& scene) { scene.damage[1].tone = 9; }, Rule::kEnumValue,
     "scene.damage[1].tone: 9 is no testing::Tone"},
    {[](auto& scene) { scene.damage[0].name = BytesOf("\xff"); }, Rule::kNotUtf8,
     "scene.damage[0].name"},
    {[](auto& scene) { scene.damage[1].flags[1] = 2; }, Rule::kBoolValue,
     "scene.damage[1].flags[1]: 2"},
    {[](auto& scene) { scene.counts[1].value = 101; }, Rule::kBounds,
     "scene.counts[1]: 101 is over Max=100"},
    {[](auto& scene) { scene.counts[1].key = BytesOf("a"); }, Rule::kMapOrder, "scene.counts[1]"},
    {[](auto& scene) { scene.thing->tag = 3; }, Rule::kUnionTag,
     "scene.thing: alternative 3 of 2 in testing::Thing"},
    {[](auto& scene) { scene.thing->size->width = 16385; }, Rule::kBounds,
     "scene.thing.Size.width: 16385 is over Max=16384"},
    {[](auto& scene) { scene.thing.reset(); }, Rule::kUnionTag, "scene.thing"},
    {[](auto& scene) { scene.words->push_back("e"); }, Rule::kBounds,
     "scene.words: 3 elements are more than MaxCount=2"},
    {[](auto& scene) { scene.words->at(1) = "lengthy"; }, Rule::kBounds,
     "scene.words[1]: a length of 7 is over Max=3"},
    {[](auto& scene) { scene.scale = 1.75; }, Rule::kBounds, "scene.scale: 1.75 is over Max=1.5"},
    {[](auto& scene) { scene.scale = std::numeric_limits<double>::quiet_NaN(); }, Rule::kBounds,
     "scene.scale: it is no number"},
};

TEST_CASE("fault names: values in a message") {
  const Guarded guarded;
  EvilScene evil;
  LooseScene scene = HonestScene();
  evil.Send(evil.HeaderOf(PFaults::kDraw), evil.Encode(PLoose::kDraw, &scene));
  evil.ExpectAlive();
  CHECK(evil.victim->received == 1);
  const SceneLie& lie = kSceneLies[GENERATE(range(std::size_t{0}, std::size(kSceneLies)))];
  CAPTURE(lie.place);
  lie.tell(scene);
  evil.Send(evil.HeaderOf(PFaults::kDraw), evil.Encode(PLoose::kDraw, &scene));
  evil.ExpectFault(lie.rule, "testing::PFaults::Draw, field " + lie.place);
  CHECK(evil.victim->received == 1);
}

TEST_CASE("fault names: the log says the same") {
  const Guarded guarded;
  std::vector<std::string> lines;
  Must(SetMessageLog("PFaults", [&](std::string_view line) { lines.emplace_back(line); }));
  {
    EvilScene evil;
    LooseScene scene = HonestScene();
    scene.damage[1].tone = 9;
    evil.Send(evil.HeaderOf(PFaults::kDraw), evil.Encode(PLoose::kDraw, &scene));
  }
  Must(SetMessageLog("*", nullptr));
  REQUIRE_FALSE(lines.empty());
  CHECK_THAT(lines.back(),
             Catch::Contains("closed: testing::PFaults::Draw, field scene.damage[1].tone: 9 is no "
                             "testing::Tone (value is no enumerator)"));
}

TEST_CASE("fault names: a value in an answer") {
  const Guarded guarded;
  EvilScene evil;
  std::error_code told;
  evil.victim->SendCount(3, [&](boost::system::error_code error, faults::Scene) { told = error; });
  LooseScene scene = HonestScene();
  scene.size.width = 70000;
  auto header = evil.HeaderOf(PFaults::kDraw);
  header.kind = internal::FrameKind::kReply;
  header.message = PFaults::kCount.id;
  header.call = 1;
  evil.Send(header, evil.Encode(PLoose::kDraw, &scene));
  evil.ExpectFault(Rule::kBounds,
                   "testing::PFaults::Count, reply, field scene.size.width: 70000 is over "
                   "Max=16384");
  CHECK(told == Errc::kPeerFault);
}

TEST_CASE("fault names: a message that lies about its own lengths") {
  const Guarded guarded;
  EvilScene evil;
  LooseScene scene = HonestScene();
  auto payload = evil.Encode(PLoose::kDraw, &scene);
  std::string place = "testing::PFaults::Draw";
  SECTION("the offset of the root") {
    payload[3] = std::byte{0x7f};
  }
  SECTION("shorter than its root is far") {
    payload.resize(6);
  }
  SECTION("elements beyond the end") {
    scene = {};
    scene.damage.resize(2);
    payload = evil.Encode(PLoose::kDraw, &scene);
    const std::byte two_elements[] = {std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}};
    const auto found = std::search(payload.begin(), payload.end(), std::begin(two_elements),
                                   std::end(two_elements));
    REQUIRE(found != payload.end());
    *(found + 1) = std::byte{0xff};
    place += ", field scene.damage";
  }
  evil.Send(evil.HeaderOf(PFaults::kDraw), payload);
  evil.ExpectFault(Rule::kMalformed, place);
}

TEST_CASE("fault names: a handler that judges, and a tainted value") {
  const Guarded guarded;
  EvilScene evil;
  const std::uint32_t weight = 100;
  SECTION("in a message") {
    evil.Send(evil.HeaderOf(PFaults::kWeigh), evil.Encode(PLoose::kNumber, &weight));
    evil.ExpectFault(
        Rule::kHandler,
        "testing::PFaults::Weigh, field weight: a value of the peer's was found invalid");
  }
  SECTION("in a question") {
    evil.Send(evil.HeaderOf(PFaults::kAskWeight), evil.Encode(PLoose::kNumber, &weight));
    evil.ExpectFault(Rule::kHandler,
                     "testing::PFaults::AskWeight, field weight: a value of the peer's was found "
                     "invalid");
  }
  SECTION("in a question, judged later") {
    evil.victim->judges_later = true;
    evil.Send(evil.HeaderOf(PFaults::kAskWeight), evil.Encode(PLoose::kNumber, &weight));
    evil.ExpectAlive();
    evil.victim->JudgeNow();
    evil.io.restart();
    evil.io.poll();
    evil.ExpectFault(Rule::kHandler,
                     "testing::PFaults::AskWeight, field weight: a value of the peer's was found "
                     "invalid");
  }
  SECTION("of another message than the one that is refused") {
    evil.victim->judges_later = true;
    evil.Send(evil.HeaderOf(PFaults::kAskWeight), evil.Encode(PLoose::kNumber, &weight));
    const auto text = BytesOf("bad");
    evil.Send(evil.HeaderOf(PFaults::kJudge), evil.Encode(PLoose::kText, &text));
    evil.ExpectFault(Rule::kHandler,
                     "testing::PFaults::AskWeight: a value of the peer's was found invalid");
  }
  SECTION("in words of the handler's") {
    const auto text = BytesOf("bad");
    evil.Send(evil.HeaderOf(PFaults::kJudge), evil.Encode(PLoose::kText, &text));
    evil.ExpectFault(Rule::kHandler, "testing::PFaults::Judge: I do not like it");
  }
}

TEST_CASE("fault names: messages and actors that there are not") {
  const Guarded guarded;
  EvilScene evil;
  const std::uint32_t number = 361;
  const auto payload = evil.Encode(PLoose::kNumber, &number);
  const auto construct = [&](std::uint64_t id) {
    auto header = evil.HeaderOf(PFaults::kPPieceConstructor);
    header.kind = internal::FrameKind::kConstruct;
    header.call = id;
    evil.Send(header, evil.Encode(*PFaults::kPPieceConstructor.parameters, {}));
  };
  construct(2);
  evil.ExpectAlive();
  SECTION("a message of the other direction") {
    evil.Send(evil.HeaderOf(PLoose::kDraw), payload);
    evil.ExpectFault(Rule::kUnknownMessage,
                     "testing::PFaults: message id " + std::to_string(PLoose::kDraw.id));
  }
  SECTION("a message of another protocol, to a managed actor") {
    evil.Send(evil.HeaderOf(PFaults::kWeigh, 2), payload);
    evil.ExpectFault(Rule::kUnknownMessage,
                     "testing::PPiece: message id " + std::to_string(PFaults::kWeigh.id));
  }
  SECTION("a value in a message to a managed actor") {
    evil.Send(evil.HeaderOf(faults::PPiece::kTurn, 2), payload);
    evil.ExpectFault(Rule::kBounds, "testing::PPiece::Turn, field degrees: 361 is over Max=360");
  }
  SECTION("an actor that has never been") {
    evil.Send(evil.HeaderOf(faults::PPiece::kTurn, 4), payload);
    evil.ExpectFault(Rule::kUnknownActor, "testing::PFaults: actor 4");
  }
  SECTION("such an actor as a value") {
    const std::vector<std::uint32_t> pieces = {2, 4};
    evil.Send(evil.HeaderOf(PFaults::kMove), evil.Encode(PLoose::kNumbers, &pieces));
    evil.ExpectFault(Rule::kUnknownActor, "testing::PFaults::Move, field pieces[1]");
  }
  SECTION("an actor of another protocol as a value") {
    const std::vector<std::uint32_t> pieces = {2, 0};
    evil.Send(evil.HeaderOf(PFaults::kMove), evil.Encode(PLoose::kNumbers, &pieces));
    evil.ExpectFault(Rule::kActorProtocol, "testing::PFaults::Move, field pieces[1]");
  }
  SECTION("an actor whose number is not the next") {
    construct(8);
    evil.ExpectFault(Rule::kActorId, "testing::PFaults: actor 8");
  }
  SECTION("a question that was not asked") {
    auto header = evil.HeaderOf(PFaults::kDraw);
    header.kind = internal::FrameKind::kReply;
    header.message = PFaults::kCount.id;
    header.call = 7;
    evil.Send(header, payload);
    evil.ExpectFault(Rule::kUnknownCall, "testing::PFaults: call 7");
  }
}

TEST_CASE("fault names: memory and handles, in the field where they are missed") {
  const Guarded guarded;
  EvilScene evil;
  auto memory = Must(platform::SharedMemory::Create("evil", 4096));
  std::vector<Handle> handles;
  const auto more = [&] { handles.push_back(Must(memory.handle().Duplicate())); };
  faults::Pair pair;
  pair.second.frames.resize(2);
  more();
  more();
  std::uint64_t id = 1;
  const auto honest = [&](std::size_t n, wire::ShmemReference& reference) {
    reference.id_high = ++id;
    reference.size = 4096;
    reference.transfer = 1;
    reference.handle = static_cast<std::uint32_t>(n);
  };
  evil.Send(evil.HeaderOf(PFaults::kLay), evil.EncodePair(pair, honest), handles);
  evil.ExpectAlive();
  CHECK(evil.victim->received == 1);

  Rule rule = Rule::kHandleIndex;
  std::string place = ", field pair.second.frames[1]";
  std::function<void(wire::ShmemReference&)> lie;  // about the second
  SECTION("a handle used twice") {
    lie = [](auto& reference) { reference.handle = 1; };
  }
  SECTION("another size than the object's") {
    lie = [](auto& reference) { reference.size = 8192; };
    rule = Rule::kHandleSize;
  }
  SECTION("unsafe memory in the place of safe memory") {
    lie = [](auto& reference) { reference.kind = wire::ShmemReference::kUnsafe; };
    rule = Rule::kShmemKind;
  }
  SECTION("an id of this side's making") {
    lie = [](auto& reference) { reference.id_high |= std::uint64_t{1} << 63; };
    rule = Rule::kShmemId;
  }
  SECTION("memory that has changed hands before") {
    lie = [](auto& reference) { reference.transfer = 3; };
    rule = Rule::kShmemState;
  }
  SECTION("a handle that nothing names") {
    more();
    lie = [](auto&) {};
    place = "";
  }
  SECTION("a reference that is none") {
    lie = [](auto& reference) { reference.kind = 77; };
    rule = Rule::kMalformed;
  }
  const auto lying = [&](std::size_t n, wire::ShmemReference& reference) {
    honest(n, reference);
    if (n == 0) lie(reference);  // vectors are written from the end
  };
  evil.Send(evil.HeaderOf(PFaults::kLay), evil.EncodePair(pair, lying), handles);
  evil.ExpectFault(rule, "testing::PFaults::Lay" + place);
}

TEST_CASE("fault names: the peer itself") {
  const Guarded guarded;
  EvilScene evil;
  auto header = evil.HeaderOf(PFaults::kJudge);
  SECTION("a frame that is out of order") {
    header.sequence = 9;
    evil.Send(header, {});
    evil.ExpectFault(Rule::kSequence, "testing::PFaults: in the stream of frames");
  }
  SECTION("a second hello") {
    header = {};
    header.kind = internal::FrameKind::kHello;
    header.sequence = 2;
    evil.Send(header, {});
    evil.ExpectFault(Rule::kHelloTwice, "testing::PFaults: a second introduction");
  }
  SECTION("a question in the place of a message") {
    header.call = 1;
    evil.Send(header, {});
    evil.ExpectFault(Rule::kFrameHeader, "testing::PFaults::Judge");
  }
}

}  // namespace
}  // namespace baton::testing
