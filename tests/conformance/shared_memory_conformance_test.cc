#include "tests/conformance/shared_memory_conformance.h"

#include <array>
#include <vector>

namespace baton::testing {
namespace {

using platform::Handle;
using platform::MemoryBackend;
using platform::SharedMemory;

template <MemoryBackend kBackend>
struct Created {
  static const platform::BackendCapabilities& Capabilities() {
    return platform::CapabilitiesOf(kBackend);
  }
  static SharedMemory Make(std::uint64_t size) {
    return Must(SharedMemory::CreateOf(kBackend, "conformance", size));
  }
};

// Sent as a peer would send it, and adopted as a peer's.
template <MemoryBackend kBackend>
struct Received {
  static const platform::BackendCapabilities& Capabilities() {
    return platform::CapabilitiesOf(kBackend);
  }
  static SharedMemory Make(std::uint64_t size) {
    const SharedMemory original = Created<kBackend>::Make(size);
    const auto [from, to] = Must(platform::CreateSocketPair());
    std::array<std::byte, 1> byte = {};
    Must(SendSome(from, byte, std::array{original.handle().get()}));
    std::vector<Handle> handles;
    Must(ReceiveSome(to, byte, handles));
    REQUIRE(handles.size() == 1);
    return Must(
        SharedMemory::Adopt(std::move(handles.front()), size, platform::UnsealedMemory::kAccept));
  }
};

using CreatedMemfd = Created<MemoryBackend::kMemfd>;
using ReceivedMemfd = Received<MemoryBackend::kMemfd>;
using CreatedPosixShm = Created<MemoryBackend::kPosixShm>;
using ReceivedPosixShm = Received<MemoryBackend::kPosixShm>;

TEMPLATE_TEST_CASE("Shared memory keeps its promises", "[platform]", CreatedMemfd, ReceivedMemfd,
                   CreatedPosixShm, ReceivedPosixShm) {
  CheckSharedMemoryPromises<TestType>();
}

}  // namespace
}  // namespace baton::testing
