// Random bytes that nobody can guess: for ids that a peer must not be able to forge.
#pragma once

#include <cstddef>
#include <span>

#include <baton/base/result.h>

namespace baton::platform {

// Fills all of `bytes` from the system's generator. Waits for it to be seeded, which it is from
// early boot on. Any thread.
Result<void> FillRandom(std::span<std::byte> bytes);

}  // namespace baton::platform
