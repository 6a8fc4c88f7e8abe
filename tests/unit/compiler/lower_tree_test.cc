// What Lower decides about actors as values.
#include <catch2/catch.hpp>

#include "compiler/lower/lower.h"
#include "tests/unit/compiler/models.h"

namespace batonc {
namespace {

TEST_CASE("an actor alone is a pointer to its side's class, and sent as one to its base") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type color = TypeOf(models.AddEnum(file, "Color", Scalar::kUint8, {0}));
  models.AddProtocol(file, "PLeaf");
  Protocol& protocol = models.AddProtocol(file, "PTree");
  const Type leaf = TypeOf(ActorType{ProtocolId{0}, false});
  const Type maybe = TypeOf(ActorType{ProtocolId{0}, true});
  Models::AddMessage(protocol, "Show", Direction::kToChild,
                     {FieldOf("a", leaf), FieldOf("c", color), FieldOf("b", maybe)});
  Models::AddMessage(protocol, "Ask", Direction::kToParent, {FieldOf("a", leaf)},
                     std::vector{FieldOf("r", leaf)});
  const Plan plan = models.PlanOf(file);
  const std::vector<MessagePlan>& messages = plan.sections.at(0).protocols.at(1).messages;
  CHECK(messages[0].parent.sent ==
        "const std::shared_ptr<PLeafParent>& a, Color c, const std::shared_ptr<PLeafParent>& b");
  CHECK(messages[0].parent.addresses ==
        "{baton::internal::ActorAddress(a), &c, baton::internal::ActorAddress(b)}");
  CHECK(messages[0].parent.is_sent_from_source);
  CHECK(messages[0].child.received ==
        "std::shared_ptr<PLeafChild> a, Color c, std::shared_ptr<PLeafChild> b");
  const std::string wire = messages[0].parameters.rows.at(0).wire_type;
  CHECK(wire.starts_with("baton::wire::kActorOf<0x"));
  CHECK(messages[0].parameters.rows.at(2).wire_type ==
        "baton::wire::kNullableOf<std::shared_ptr<baton::Actor>, " + wire + ">");
  CHECK(messages[1].child.addresses == "{baton::internal::ActorAddressIn<Token_>(a)}");
  CHECK_FALSE(messages[1].child.is_sent_from_source);
  CHECK(messages[1].reply->alias == "baton::ActorValue<PLeafParent, PLeafChild>");
}

}  // namespace
}  // namespace batonc
