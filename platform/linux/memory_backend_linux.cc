#include <baton/platform/memory_backend.h>

#include <cstdlib>
#include <string_view>

namespace baton::platform {
namespace {

constexpr BackendCapabilities kMemfd = {
    .name = "memfd", .sealed = true, .freeze_is_proof = true, .is_anonymous = true};

constexpr BackendCapabilities kPosixShm = {.name = "POSIX shared memory"};

MemoryBackend FromEnvironment() {
  const char* const text = ::secure_getenv("BATON_MEMORY");
  const bool is_posix = text != nullptr && std::string_view(text) == "posix";
  return is_posix ? MemoryBackend::kPosixShm : MemoryBackend::kMemfd;
}

}  // namespace

MemoryBackend CurrentMemoryBackend() {
  static const MemoryBackend chosen = FromEnvironment();
  return chosen;
}

const BackendCapabilities& CapabilitiesOf(MemoryBackend backend) {
  return backend == MemoryBackend::kPosixShm ? kPosixShm : kMemfd;
}

bool IsAccepted(UnsealedMemory wish) {
  if (wish != UnsealedMemory::kAsWeMake) return wish == UnsealedMemory::kAccept;
  return !CapabilitiesOf(CurrentMemoryBackend()).sealed;
}

}  // namespace baton::platform
