#include "tests/conformance/shared_memory_conformance.h"

#include <array>
#include <vector>

namespace baton::testing {
namespace {

using platform::Handle;
using platform::SharedMemory;

struct Created {
  static SharedMemory Make(std::uint64_t size) {
    return Must(SharedMemory::Create("conformance", size));
  }
};

// Sent as a peer would send it, and adopted as a peer's.
struct Received {
  static SharedMemory Make(std::uint64_t size) {
    const SharedMemory original = Created::Make(size);
    const auto [from, to] = Must(platform::CreateSocketPair());
    std::array<std::byte, 1> byte = {};
    Must(SendSome(from, byte, std::array{original.handle().get()}));
    std::vector<Handle> handles;
    Must(ReceiveSome(to, byte, handles));
    REQUIRE(handles.size() == 1);
    return Must(SharedMemory::Adopt(std::move(handles.front()), size));
  }
};

TEMPLATE_TEST_CASE("Shared memory keeps its promises", "[platform]", Created, Received) {
  CheckSharedMemoryPromises<TestType>();
}

}  // namespace
}  // namespace baton::testing
