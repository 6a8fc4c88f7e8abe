// Memory of a size class that is none, and memory that is given back to who has not made it.
#include <catch2/catch.hpp>

#include "tests/hostile/evil_parent.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

using internal::FrameKind;
namespace PEcho = ::testing::PEcho;

wire::ShmemReference PooledReference() {
  wire::ShmemReference reference;
  reference.id_high = 0x1234;  // issued by a parent
  reference.id_low = 0x5678;
  reference.size = 5000;
  reference.capacity = 2;
  reference.transfer = 1;
  reference.handle = 0;
  return reference;
}

void SendFill(EvilParent& evil, const wire::ShmemReference& reference,
              std::uint64_t object_size = 8192) {
  auto header = evil.HeaderOf(PEcho::kFill);
  std::vector<platform::Handle> handles;
  if (reference.handle == 0) {
    const auto memory = Must(platform::SharedMemory::Create("evil", object_size));
    handles.push_back(Must(memory.handle().Duplicate()));
  }
  header.handles = static_cast<std::uint16_t>(handles.size());
  evil.Send(EvilParent::FrameOf(header, evil.FillPayload(reference)), handles);
}

void SendRelease(EvilParent& evil, std::uint64_t transfer, bool keeps_mapping) {
  const wire::ShmemReference id = PooledReference();
  const void* const values[] = {&id.id_high, &id.id_low, &transfer, &keeps_mapping};
  evil.Send(EvilParent::FrameOf(evil.ControlHeader(FrameKind::kRelease),
                                evil.Encode(internal::kReturnTable, values)));
}

TEST_CASE("hostile: honest memory of a size class is taken, and comes back as it came") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  SendFill(evil, PooledReference());
  evil.ExpectAlive();
  CHECK(evil.victim->traffic().shmem_bytes_received == 5000);
  CHECK(evil.victim->traffic().shmem_bytes_sent == 5000);
}

TEST_CASE("hostile: a capacity that is not the object's, or not that of the size") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  wire::ShmemReference lie = PooledReference();
  std::uint64_t object_size = 8192;
  Rule rule = Rule::kShmemCapacity;
  SECTION("too large") {
    lie.capacity = GENERATE(3U, ~std::uint32_t{0});
  }
  SECTION("too small") {
    lie.capacity = 1;
  }
  SECTION("a size beyond it") {
    lie.size = 8193;
  }
  SECTION("a size of another class") {
    lie.size = 4096;
  }
  SECTION("no size") {
    lie.size = 0;
  }
  SECTION("a smaller object") {
    object_size = 5000;
    rule = Rule::kHandleSize;
  }
  SECTION("a larger object") {
    object_size = 12'288;
    rule = Rule::kHandleSize;
  }
  SendFill(evil, lie, object_size);
  evil.ExpectFault(rule);
}

TEST_CASE("hostile: memory that changes its class, or outgrows it, on its way back") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  SendFill(evil, PooledReference());
  wire::ShmemReference again = PooledReference();
  again.transfer = 3;
  again.handle = wire::ShmemReference::kNoIndex;
  SECTION("honest, with another size") {
    again.size = 8192;
    SendFill(evil, again);
    evil.ExpectAlive();
  }
  SECTION("another class") {
    again.capacity = GENERATE(0U, 1U, 3U);
    SendFill(evil, again);
    evil.ExpectFault(Rule::kShmemCapacity);
  }
  SECTION("a size beyond it") {
    again.size = GENERATE(8193U, ~0U);
    SendFill(evil, again);
    evil.ExpectFault(Rule::kShmemCapacity);
  }
}

TEST_CASE("hostile: memory given back that is not the victim's") {
  const Guarded guarded;
  EvilParent evil;
  evil.SayHello();
  SECTION("of the peer's own making, and the peer's") {
    SendFill(evil, PooledReference());  // it is answered: transfer 2
    SendRelease(evil, 2, true);
    evil.ExpectFault(Rule::kShmemReturn);
  }
  SECTION("that the victim owns") {
    const wire::ShmemReference kept = PooledReference();
    Shmem placeholder;
    const void* const values[] = {&placeholder};
    auto header = evil.HeaderOf(PEcho::kKeep);
    header.handles = 1;
    wire::Encoder encoder;
    const auto encoded = Must(encoder.Encode(*PEcho::kKeep.parameters, values, 4096));
    REQUIRE(encoded.shared_memory.size() == 1);
    std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &kept, sizeof(kept));
    std::vector<platform::Handle> handles;
    handles.push_back(
        Must(Must(platform::SharedMemory::Create("evil", 8192)).handle().Duplicate()));
    evil.Send(EvilParent::FrameOf(header, encoded.bytes), handles);
    evil.ExpectAlive();
    SendRelease(evil, GENERATE(0U, 1U, 2U), true);
    evil.ExpectFault(Rule::kShmemState);
  }
  SECTION("that nobody knows") {
    SendRelease(evil, GENERATE(0U, 1U), true);
    evil.ExpectFault(Rule::kShmemId);
  }
}

}  // namespace
}  // namespace baton::testing
