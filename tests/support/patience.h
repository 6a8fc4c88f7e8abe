// How long the kit waits before it calls something hung.
#pragma once

#include <chrono>

namespace baton::testing {

// What a test, a peer or a program may take: far more than any of them needs. Builds with
// sanitizers get four times as much (tests/support/CMakeLists.txt).
inline constexpr std::chrono::milliseconds kPatience =
    std::chrono::seconds(30) * BATON_TEST_SLOWNESS;

}  // namespace baton::testing
