#include "compiler/lower/lower_queueing.h"

#include <catch2/catch.hpp>
#include <string>

#include "compiler/lower/lower.h"
#include "tests/unit/compiler/models.h"

namespace batonc {
namespace {

Message MessageTo(Direction direction) {
  Message message;
  message.name = "Tell";
  message.direction = direction;
  return message;
}

TEST_CASE("a message that waits like all others says nothing about it") {
  CHECK(LowerQueueing(MessageTo(Direction::kToChild)).empty());
}

TEST_CASE("an answer has the priority of its question, unless it has one of its own") {
  Message message = MessageTo(Direction::kToChild);
  message.returns.emplace();
  message.priority = Priority::kInput;
  CHECK(LowerQueueing(message) ==
        "{baton::wire::Priority::kInput, baton::wire::Priority::kInput, "
        "baton::wire::Compress::kNo, false}");
  message.reply_priority = Priority::kNormal;
  message.is_lazy = true;
  message.compress = Compress::kAll;
  CHECK(LowerQueueing(message) ==
        "{baton::wire::Priority::kInput, baton::wire::Priority::kNormal, "
        "baton::wire::Compress::kAll, true}");
}

TEST_CASE("what makes or ends an actor has no priority") {
  Message message = MessageTo(Direction::kToChild);
  message.priority = Priority::kControl;
  SECTION("a constructor") {
    message.constructs = ProtocolId{0};
  }
  SECTION("a destructor") {
    message.is_destructor = true;
  }
  CHECK(LowerQueueing(message).empty());
}

TEST_CASE("the side looks ahead that may receive what does not wait its turn") {
  Models models;
  const FileId file = models.AddFile("a");
  Protocol& protocol = models.AddProtocol(file, "PTop");
  Message& message = Models::AddMessage(protocol, "Tell", Direction::kToChild, {});
  std::string expected;
  SECTION("neither") {}
  SECTION("neither, for what is lazy") {
    message.is_lazy = true;
  }
  SECTION("the receiver, for a priority") {
    message.priority = Priority::kInput;
    expected = "{false, true}";
  }
  SECTION("the receiver, for what compresses") {
    message.compress = Compress::kAdjacent;
    expected = "{false, true}";
  }
  SECTION("the asker, for the priority of an answer") {
    message.returns.emplace();
    message.reply_priority = Priority::kInput;
    expected = "{true, false}";
  }
  SECTION("both") {
    message.direction = Direction::kBoth;
    message.priority = Priority::kVsync;
    expected = "{true, true}";
  }
  CHECK(models.PlanOf(file).sections.at(0).protocols.at(0).looks_ahead == expected);
}

TEST_CASE("a top-level actor looks ahead for all actors of its tree") {
  Models models;
  const FileId file = models.AddFile("a");
  Protocol& leaf = models.AddProtocol(file, "PLeaf");
  Models::AddMessage(leaf, "Tell", Direction::kToParent, {}).priority = Priority::kInput;
  models.AddProtocol(file, "PBranch").manages.push_back(ProtocolId{0});
  models.AddProtocol(file, "PTop").manages.push_back(ProtocolId{1});
  CHECK(models.PlanOf(file).sections.at(0).protocols.at(2).looks_ahead == "{true, false}");
}

}  // namespace
}  // namespace batonc
