// What is written for macOS and Windows already: that it compiles without their headers, and those
// parts of it that are plain arithmetic.
#include <catch2/catch.hpp>
#include <concepts>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <baton/platform/shared_memory.h>

#include "platform/mach/mach_message.h"
#include "platform/mach/mach_port.h"
#include "platform/mach/memory_entry.h"
#include "platform/mach/page_rounding.h"
#include "platform/windows/handle_value.h"
#include "platform/windows/section.h"
#include "platform/windows/section_size.h"

namespace baton::platform {
namespace {

constexpr std::uint64_t kKiB = 1024;

TEST_CASE("The headers of other systems include none of these systems' headers") {
  static const std::set<std::string> kStandard = {"algorithm", "cstddef", "cstdint",    "optional",
                                                  "span",      "utility", "string_view"};
  const std::regex include("^#include <([^>]+)>");
  int headers = 0;
  for (const char* folder : {"mach", "windows"}) {
    const auto root = std::filesystem::path(BATON_SOURCE_DIR) / "platform" / folder;
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
      ++headers;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        std::smatch found;
        if (!std::regex_search(line, found, include)) continue;
        CAPTURE(entry.path().string(), line);
        CHECK((kStandard.contains(found[1]) || found[1].str().starts_with("baton/")));
      }
    }
  }
  CHECK(headers == 7);
}

// What a port's Mapping has to offer: all of platform::Mapping, and the memory that is given back.
template <class Mapping, class Memory>
concept IsMapping = std::is_nothrow_move_constructible_v<Mapping> &&
    std::is_nothrow_move_assignable_v<Mapping> &&
    requires(Mapping mapping, const Mapping& fixed, const Memory& memory) {
  Mapping();
  { fixed.bytes() } -> std::same_as<std::span<std::byte>>;
  { fixed.reach() } -> std::same_as<std::span<std::byte>>;
  { fixed.is_damaged() } -> std::same_as<bool>;
  static_cast<bool>(fixed);
  { mapping.Revoke() } -> std::same_as<Result<void>>;
  { mapping.Grant() } -> std::same_as<Result<void>>;
  { mapping.Withdraw() } -> std::same_as<Result<void>>;
  { mapping.Restore(memory) } -> std::same_as<Result<void>>;
};
static_assert(IsMapping<Mapping, SharedMemory>);
static_assert(IsMapping<mach::Mapping, mach::MemoryEntry>);
static_assert(IsMapping<windows::Mapping, windows::Section>);

TEST_CASE("No two kinds of memory have the same name, and none promises what it cannot keep") {
  std::set<std::string> names;
  for (const BackendCapabilities* one :
       {&CapabilitiesOf(MemoryBackend::kMemfd), &CapabilitiesOf(MemoryBackend::kPosixShm),
        &mach::kCapabilities, &windows::kCapabilities}) {
    CHECK(names.insert(one->name).second);
    if (one->freeze_is_proof) CHECK(one->sealed);
  }
  CHECK_FALSE(CapabilitiesOf(MemoryBackend::kPosixShm).sealed);
}

// --- macOS ---------------------------------------------------------------------------------------

TEST_CASE("macOS: sizes are rounded to the larger of two pages") {
  using namespace mach;
  CHECK(Granularity(4 * kKiB, 16 * kKiB) == 16 * kKiB);  // under Rosetta
  CHECK(Granularity(16 * kKiB, 16 * kKiB) == 16 * kKiB);
  CHECK(RoundUp(1, 16 * kKiB) == 16 * kKiB);
  CHECK(RoundUp(16 * kKiB, 16 * kKiB) == 16 * kKiB);
  CHECK(RoundUp(16 * kKiB + 1, 16 * kKiB) == 32 * kKiB);
  CHECK(RoundUp(kMostMemoryBytes, 16 * kKiB) == kMostMemoryBytes);
  CHECK(RoundUp(0, 16 * kKiB) == std::nullopt);
  CHECK(RoundUp(kMostMemoryBytes + 1, 16 * kKiB) == std::nullopt);
  CHECK(RoundUp(~std::uint64_t{0}, 16 * kKiB) == std::nullopt);
}

TEST_CASE("macOS: an entry that is shorter than asked for is none") {
  using namespace mach;
  CHECK(IsWholeEntry(1, 16 * kKiB, 16 * kKiB));
  CHECK(IsWholeEntry(20 * kKiB, 32 * kKiB, 16 * kKiB));
  CHECK_FALSE(IsWholeEntry(20 * kKiB, 20 * kKiB, 16 * kKiB));
  CHECK_FALSE(IsWholeEntry(1, 0, 16 * kKiB));
  CHECK_FALSE(IsWholeEntry(0, 16 * kKiB, 16 * kKiB));
}

struct MessageRow {
  const char* what;
  mach::MessageShape shape;
  std::vector<mach::Descriptor> descriptors;
  std::error_code answer;
};

TEST_CASE("macOS: what a message may be made of") {
  using namespace mach;
  const MessageShape plain = {.size = 64, .buffer_size = 4096, .sender_pid = 5, .peer_pid = 5};
  MessageShape complex = plain;
  complex.bits = kComplexBit;
  const Descriptor right = {};
  const Descriptor receive = {.disposition = Disposition::kMoveReceive};
  const Descriptor once = {.disposition = Disposition::kMoveSendOnce};
  const Descriptor payload = {.type = DescriptorType::kOutOfLine, .size = 5, .deallocates = true};
  const auto with = [](MessageShape shape, auto change) {
    change(shape);
    return shape;
  };
  const std::vector<MessageRow> rows = {
      {"bytes alone", plain, {}, {}},
      {"a right", complex, {right}, {}},
      {"rights of both sorts and a payload", complex, {right, receive, payload}, {}},
      {"as many as may be", complex, std::vector<Descriptor>(kMostDescriptors, right), {}},
      {"one too many", complex, std::vector<Descriptor>(kMostDescriptors + 1, right),
       Rule::kHandleCount},
      {"complex without descriptors", complex, {}, Rule::kFrameHeader},
      {"descriptors that are not announced", plain, {right}, Rule::kFrameHeader},
      {"shorter than its header",
       with(plain, [](auto& s) { s.size = 23; }),
       {},
       Rule::kFrameHeader},
      {"longer than its buffer",
       with(plain, [](auto& s) { s.size = 4097; }),
       {},
       Rule::kFrameHeader},
      {"of somebody else", with(plain, [](auto& s) { s.sender_pid = 6; }), {}, Rule::kIdentity},
      {"a right to answer once", complex, {once}, Rule::kHandleKind},
      {"two payloads", complex, {payload, payload}, Rule::kHandleKind},
      {"a payload that stays the sender's",
       complex,
       {{.type = DescriptorType::kOutOfLine, .size = 5}},
       Rule::kHandleKind},
      {"an array of rights",
       complex,
       {{.type = DescriptorType::kOutOfLinePorts, .deallocates = true}},
       Rule::kHandleKind},
      {"volatile memory",
       complex,
       {{.type = DescriptorType::kOutOfLineVolatile, .deallocates = true}},
       Rule::kHandleKind},
      {"a guarded right", complex, {{.type = DescriptorType::kGuardedPort}}, Rule::kHandleKind},
      {"a type that does not exist",
       complex,
       {{.type = static_cast<DescriptorType>(200)}},
       Rule::kHandleKind},
      {"a payload without end",
       complex,
       {{.type = DescriptorType::kOutOfLine, .size = kMostOutOfLineBytes + 1, .deallocates = true}},
       Rule::kFrameTooLarge},
  };
  for (const MessageRow& row : rows) {
    CAPTURE(row.what);
    const auto checked = CheckMessage(row.shape, row.descriptors);
    CHECK((checked ? std::error_code() : checked.error()) == row.answer);
  }
}

// --- Windows -------------------------------------------------------------------------------------

TEST_CASE("Windows: pseudo handles never come near the system") {
  using namespace windows;
  for (HandleValue value = -12; value <= -1; ++value) {
    CAPTURE(value);
    CHECK_FALSE(MayBeHandle(value));
    CHECK(FromMessage(static_cast<std::uint32_t>(value)) == std::nullopt);
  }
  for (const std::uint32_t bits : {0u, 1u, 2u, 3u, 5u, 0x80000000u, 0xfffffff0u, 0xffffff00u}) {
    CAPTURE(bits);
    CHECK(FromMessage(bits) == std::nullopt);
  }
  CHECK(FromMessage(4) == HandleValue{4});
  CHECK(FromMessage(0x7ffffffc) == HandleValue{0x7ffffffc});
}

TEST_CASE("Windows: only who is trusted may say that a handle is the receiver's already") {
  using namespace windows;
  CHECK(IsOwnerBelieved(HandleOwner::kSender, false));
  CHECK(IsOwnerBelieved(HandleOwner::kRecipient, true));
  CHECK_FALSE(IsOwnerBelieved(HandleOwner::kRecipient, false));
}

TEST_CASE("Windows: sizes beyond 4 GiB keep both halves") {
  using namespace windows;
  const std::uint64_t size = (std::uint64_t{5} << 32) + 7;
  CHECK(Split(size).high == 5);
  CHECK(Split(size).low == 7);
  CHECK(Split(0xffffffff).high == 0);
  for (const std::uint64_t one :
       {std::uint64_t{1}, std::uint64_t{1} << 32, size, kMostMemoryBytes}) {
    CHECK(Join(Split(one)) == one);
  }
}

TEST_CASE("Windows: views begin at multiples of 64 KiB and show the part that was asked for") {
  using namespace windows;
  CHECK(windows::RoundUp(1, kGranularity) == 64 * kKiB);
  CHECK(windows::RoundUp(64 * kKiB + 1, kGranularity) == 128 * kKiB);
  CHECK(windows::RoundUp(0, kPage) == std::nullopt);
  CHECK(windows::RoundUp(~std::uint64_t{0}, kPage) == std::nullopt);
  const auto view = ViewOf(70 * kKiB, 10, 128 * kKiB);
  REQUIRE(view);
  CHECK(view->offset == 64 * kKiB);
  CHECK(view->skip == 6 * kKiB);
  CHECK(view->length == 6 * kKiB + 10);
  CHECK(ViewOf(0, 128 * kKiB, 128 * kKiB));
  CHECK_FALSE(ViewOf(0, 0, 128 * kKiB));
  CHECK_FALSE(ViewOf(1, 128 * kKiB, 128 * kKiB));
  CHECK_FALSE(ViewOf(~std::uint64_t{0}, 2, 128 * kKiB));
  CHECK_FALSE(ViewOf(2, ~std::uint64_t{0}, 128 * kKiB));
}

}  // namespace
}  // namespace baton::platform
