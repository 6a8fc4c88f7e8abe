// What a process says of its shared memory, and what is made of what anybody says.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <baton/platform/account/memory_listing.h>
#include <baton/platform/account/registry_reader.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

// That of this process, opened as another one opens it.
std::optional<Handle> OpenOwnRegistry() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry, gone);
    if (target != std::string("/memfd:") + kRegistryName + " (deleted)") continue;
    return Handle(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
  }
  return std::nullopt;
}

bool MapsARegistry() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(kRegistryName) != std::string::npos) return true;
  }
  return false;
}

SharedMemory MakeMemory() {
  return Must(SharedMemory::Create("baton:test", 4096));
}

MemoryListing List(const SharedMemory& memory, std::uint64_t bytes = 4096) {
  return MemoryListing(memory.handle(), {.bytes = bytes}, MakeRegistry::kYes);
}

// What this process says of it, by its own registry.
std::vector<RegistryEntry> EntriesOf(const SharedMemory& memory) {
  struct stat object = {};
  REQUIRE(::fstat(memory.handle().get(), &object) == 0);
  const auto file = OpenOwnRegistry();
  REQUIRE(file.has_value());
  std::vector<RegistryEntry> found;
  for (const RegistryEntry& entry : Must(ReadRegistry(*file)).entries) {
    if (entry.device == object.st_dev && entry.inode == object.st_ino) found.push_back(entry);
  }
  return found;
}

}  // namespace

TEST_CASE("registry: says what became of memory, as long as there is somebody to say it") {
  const LeakCheck leak_check;
  const SharedMemory memory = MakeMemory();
  {
    MemoryListing listing = List(memory, 4000);
    const auto made = EntriesOf(memory);
    REQUIRE(made.size() == 1);
    CHECK(made[0].state == RegistryState::kOwned);
    CHECK(made[0].bytes == 4000);
    CHECK(made[0].peer_pid == 0);
    CHECK(made[0].since != 0);

    listing.Set(RegistryState::kInFlight, 7, 4711);
    const auto sent = EntriesOf(memory);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].state == RegistryState::kInFlight);
    CHECK(sent[0].transfers == 7);
    CHECK(sent[0].peer_pid == 4711);
    CHECK(sent[0].bytes == 4000);
    CHECK(sent[0].sequence > made[0].sequence);
    CHECK(sent[0].sequence % 2 == 0);

    MemoryListing moved = std::move(listing);
    CHECK(EntriesOf(memory).size() == 1);
    moved.SetBytes(12);
    CHECK(EntriesOf(memory).front().bytes == 12);
  }
  CHECK(EntriesOf(memory).empty());
}

TEST_CASE("registry: nobody else can write it, or change its size") {
  const SharedMemory memory = MakeMemory();
  const MemoryListing listing = List(memory);
  const auto file = OpenOwnRegistry();
  REQUIRE(file.has_value());
  CHECK(Must(IsSealedRegistry(*file)));
  const Handle writable(
      ::open(("/proc/self/fd/" + std::to_string(file->get())).c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(writable);
  const char byte = 1;
  CHECK(::pwrite(writable.get(), &byte, 1, 0) == -1);
  CHECK(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, writable.get(), 0) == MAP_FAILED);
  CHECK(::ftruncate(writable.get(), 0) == -1);
  CHECK(::ftruncate(writable.get(), 1 << 20) == -1);
}

TEST_CASE("registry: what has no room is counted") {
  const LeakCheck leak_check;
  const SharedMemory memory = MakeMemory();
  std::vector<MemoryListing> listings;
  for (std::size_t i = 0; i < kRegistryEntries + 2; ++i) listings.push_back(List(memory));
  const auto file = OpenOwnRegistry();
  REQUIRE(file.has_value());
  const Registry full = Must(ReadRegistry(*file));
  CHECK(full.entries.size() == kRegistryEntries);
  CHECK(full.unlisted >= 2);
  listings.back().Set(RegistryState::kAtPeer, 1, 0);  // does nothing
  listings.clear();
  const Registry empty = Must(ReadRegistry(*file));
  CHECK(empty.entries.size() + 2 <= full.entries.size());
  CHECK(empty.unlisted + 2 == full.unlisted);
}

TEST_CASE("registry: a forked child writes nothing into its parent's, and has its own") {
  const LeakCheck leak_check;
  const SharedMemory memory = MakeMemory();
  MemoryListing listing = List(memory);
  const int child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // The parent's entry is none of ours, and neither are its pages, nor its file.
    listing.Set(RegistryState::kOrphan, 99, 99);
    const bool had_none = !OpenOwnRegistry().has_value() && !MapsARegistry();
    const MemoryListing own(memory.handle(), {.bytes = 1}, MakeRegistry::kYes);
    const auto file = OpenOwnRegistry();
    const auto registry = file ? ReadRegistry(*file) : Result<Registry>(Registry{});
    const bool has_own = registry && registry->entries.size() == 1 &&
                         registry->pid == static_cast<std::uint32_t>(::getpid()) &&
                         registry->entries.front().bytes == 1;
    ::_exit(had_none && has_own ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  REQUIRE(EntriesOf(memory).size() == 1);
  CHECK(EntriesOf(memory).front().state == RegistryState::kOwned);
}

// --- Strangers' ----------------------------------------------------------------------------------

namespace {

using Words = std::array<std::uint64_t, kRegistryWords>;

constexpr RegistryHeader kSound = {.magic = kRegistryMagic,
                                   .version = kRegistryVersion,
                                   .entry_size = kRegistryEntrySize,
                                   .entry_count = 1,
                                   .pid = 1,
                                   .unlisted = 0,
                                   .reserved = {}};
constexpr Words kOneEntry = {2, 1, 77, 1, 4096, 0, 0, 0};

std::vector<std::byte> BytesOf(const RegistryHeader& header, const std::vector<Words>& entries) {
  std::vector<std::byte> bytes(sizeof(header) + entries.size() * sizeof(Words));
  std::memcpy(bytes.data(), &header, sizeof(header));
  if (!entries.empty()) {
    std::memcpy(bytes.data() + sizeof(header), entries.data(), entries.size() * sizeof(Words));
  }
  return bytes;
}

}  // namespace

TEST_CASE("registry: headers that lie make it none") {
  CHECK(Must(ParseRegistry(BytesOf(kSound, {kOneEntry}))).entries.size() == 1);
  const auto refuses = [](auto change) {
    RegistryHeader header = kSound;
    change(header);
    const auto parsed = ParseRegistry(BytesOf(header, {kOneEntry}));
    return !parsed && parsed.error() == std::errc::bad_message;
  };
  CHECK(refuses([](RegistryHeader& h) { h.magic[0] = 'X'; }));
  CHECK(refuses([](RegistryHeader& h) { h.version = 2; }));
  CHECK(refuses([](RegistryHeader& h) { h.entry_size = 0; }));
  CHECK(refuses([](RegistryHeader& h) { h.entry_size = 8; }));
  CHECK(refuses([](RegistryHeader& h) { h.entry_size = 65; }));
  CHECK(refuses([](RegistryHeader& h) { h.entry_size = ~std::uint32_t{7}; }));
  CHECK(refuses([](RegistryHeader& h) { h.entry_count = 2; }));
  CHECK(refuses([](RegistryHeader& h) { h.entry_count = ~std::uint32_t{0}; }));
  CHECK_FALSE(ParseRegistry({}).has_value());
  const auto whole = BytesOf(kSound, {kOneEntry});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(ParseRegistry(std::span(whole).first(length)).has_value());
  }
}

TEST_CASE("registry: entries that mean nothing, or are being written, are counted and not read") {
  const auto parsed_with = [](RegistryWord word, std::uint64_t value) {
    Words entry = kOneEntry;
    entry[word] = value;
    return Must(ParseRegistry(BytesOf(kSound, {entry})));
  };
  CHECK(parsed_with(kSequenceWord, 3).torn == 1);
  CHECK(parsed_with(kSequenceWord, 3).entries.empty());
  CHECK(parsed_with(kStateWord, 8).nonsense == 1);
  CHECK(parsed_with(kStateWord, 255).entries.empty());
  CHECK(parsed_with(kStateWord, std::uint64_t{1} << 63 | 1).nonsense ==
        1);  // no number of a process
  CHECK(parsed_with(kBytesWord, ~std::uint64_t{0}).nonsense == 1);
  CHECK(parsed_with(kStateWord, 0).entries.empty());
  CHECK(parsed_with(kStateWord, 0).nonsense == 0);
  CHECK(parsed_with(kStateWord, 2 | 1 << 8 | std::uint64_t{42} << 32).entries.front() ==
        RegistryEntry{.number = 0,
                      .sequence = 2,
                      .device = 1,
                      .inode = 77,
                      .state = RegistryState::kInFlight,
                      .keeps_access = true,
                      .peer_pid = 42,
                      .bytes = 4096,
                      .transfers = 0,
                      .since = 0});
}

TEST_CASE("registry: a later version's longer entries are read as far as they are known") {
  RegistryHeader header = kSound;
  header.entry_size = 2 * kRegistryEntrySize;
  header.entry_count = 2;
  Words second = kOneEntry;
  second[kInodeWord] = 78;
  const Words more = {~std::uint64_t{0}, ~std::uint64_t{0}};
  const Registry registry = Must(ParseRegistry(BytesOf(header, {kOneEntry, more, second, more})));
  REQUIRE(registry.entries.size() == 2);
  CHECK(registry.entries[1].inode == 78);
  CHECK(registry.nonsense == 0);
}

TEST_CASE("registry: what changed between two readings is told apart") {
  Words other = kOneEntry;
  other[kInodeWord] = 78;
  RegistryHeader header = kSound;
  header.entry_count = 2;
  const Registry before = Must(ParseRegistry(BytesOf(header, {kOneEntry, other})));
  other[kSequenceWord] += 2;
  const Registry after = Must(ParseRegistry(BytesOf(header, {kOneEntry, other})));
  const auto same = Unchanged(before, after);
  REQUIRE(same.size() == 1);
  CHECK(same[0].inode == 77);
  CHECK(Unchanged(Registry(), after).empty());
}

TEST_CASE("registry: files that are none are refused, however long they say they are") {
  const Handle file(::memfd_create(kRegistryName, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  CHECK_FALSE(ReadRegistry(file).has_value());
  REQUIRE(::ftruncate(file.get(), off_t{1} << 40) == 0);
  const auto read = ReadRegistry(file);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error() == std::errc::bad_message);
  CHECK_FALSE(Must(IsSealedRegistry(file)));
}

}  // namespace baton::platform
