// A peer that says it is of one version and sends what belongs to another.
#include "tests/hostile/evil_scene.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using faults::LooseScene;
using platform::Handle;
namespace PFaults = faults::PFaults;
namespace PLoose = faults::PLoose;

// As a version 2 sends it: the file is in a field that version 1 does not have.
std::vector<std::byte> PairWithLateFile(EvilScene& evil) {
  faults::Pair pair;
  pair.first.late.emplace();
  return evil.EncodePair(pair, [](std::size_t, wire::ShmemReference& file) { file.handle = 0; });
}

TEST_CASE("hostile: what is of version 2 comes from one that says it is of version 1") {
  const Guarded guarded;
  const bool is_honest = GENERATE(true, false);
  CAPTURE(is_honest);
  const std::uint32_t version = is_honest ? 2 : 1;
  EvilScene evil(version,
                 is_honest ? PFaults::kProtocol.schema_hash : PFaults::kProtocol.older_hashes[0]);
  evil.ExpectAlive();
  Rule rule = Rule::kUnknownMessage;
  std::string detail = "testing::PFaults::Late: not in version 1";
  SECTION("a message") {
    const std::uint32_t number = 1;
    evil.Send(evil.HeaderOf(PFaults::kLate), evil.Encode(PLoose::kNumber, &number));
  }
  SECTION("an enumerator") {
    LooseScene scene;
    scene.damage = {{0, 2, {}, {}}};
    scene.damage[0].name = {std::byte{'a'}};
    scene.thing = {1, faults::LooseSize{}};
    evil.Send(evil.HeaderOf(PFaults::kDraw), evil.Encode(PLoose::kDraw, &scene));
    rule = Rule::kEnumValue;
    detail =
        "testing::PFaults::Draw, field scene.damage[0].tone: 2 is no testing::Tone in version 1";
  }
  SECTION("a file, which is not taken for anything else") {
    auto memory = Must(platform::SharedMemory::Create("evil", 4096));
    const Handle handles[] = {Must(memory.handle().Duplicate())};
    evil.Send(evil.HeaderOf(PFaults::kLay), PairWithLateFile(evil), handles);
    rule = Rule::kHandleIndex;
    detail = "testing::PFaults::Lay";
  }
  if (!is_honest) return evil.ExpectFault(rule, detail);
  evil.ExpectAlive();
  CHECK(evil.victim->received == 1);
}

}  // namespace
}  // namespace baton::testing
