// How an answer that may be an error is planned.
#include <catch2/catch.hpp>

#include "compiler/lower/lower.h"
#include "tests/unit/compiler/models.h"

namespace batonc {
namespace {

TEST_CASE("a reply that may be an error is a union of the answer and the error") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type color = TypeOf(models.AddEnum(file, "Color", Scalar::kUint8, {0}));
  Protocol& protocol = models.AddProtocol(file, "PPaint");
  Models::AddMessage(protocol, "Mix", Direction::kToParent, {}, std::vector{FieldOf("n", kNumber)})
      .fails = color;
  const Plan plan = models.PlanOf(file);
  const MessagePlan& mix = plan.sections.at(0).protocols.at(0).messages.at(0);
  REQUIRE(mix.reply.has_value());
  CHECK(mix.reply->name == "MixAnswer");
  CHECK(mix.reply->table.wire_name == "media::PPaint_Mix_Answer");
  REQUIRE(mix.reply->outcome.has_value());
  CHECK(mix.reply->outcome->name == "MixReply");
  CHECK(mix.reply->outcome->error == "Color");
  CHECK(mix.reply->outcome->union_wire_name == "media::PPaint_Mix_Outcome");
  CHECK(mix.reply->constant() == "kMixReply_");
  REQUIRE(mix.reply->outcome->table.rows.size() == 1);
}

}  // namespace
}  // namespace batonc
