#include <baton/platform/account/registry_reader.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <limits>
#include <optional>
#include <system_error>

#include <baton/platform/memory_backend.h>

#include "platform/account/registry_copy.h"

namespace baton::platform {
namespace {

using Words = std::array<std::uint64_t, kRegistryWords>;

Failure NoRegistry() {
  return Fail(std::make_error_code(std::errc::bad_message));
}

// Nothing: no version of Baton writes that.
std::optional<RegistryEntry> EntryFrom(const Words& words, std::uint32_t number) {
  const std::uint64_t state = words[kStateWord] & 0xff;
  const std::uint64_t peer = words[kStateWord] >> 32;
  const bool makes_sense = state <= static_cast<std::uint64_t>(kLastRegistryState) &&
                           peer <= std::numeric_limits<std::int32_t>::max() &&
                           words[kBytesWord] <= kMostMemoryBytes;
  if (!makes_sense) return std::nullopt;
  return RegistryEntry{.number = number,
                       .sequence = words[kSequenceWord],
                       .device = words[kDeviceWord],
                       .inode = words[kInodeWord],
                       .state = static_cast<RegistryState>(state),
                       .keeps_access = (words[kStateWord] >> 8 & kKeepsAccess) != 0,
                       .peer_pid = static_cast<int>(peer),
                       .bytes = words[kBytesWord],
                       .transfers = words[kTransfersWord],
                       .since = words[kSinceWord]};
}

void AddEntry(const Words& words, std::uint32_t number, Registry& registry) {
  if (words[kSequenceWord] % 2 != 0) {
    ++registry.torn;
    return;
  }
  const auto entry = EntryFrom(words, number);
  if (!entry) {
    ++registry.nonsense;
  } else if (entry->state != RegistryState::kFree) {
    registry.entries.push_back(*entry);
  }
}

}  // namespace

Result<Registry> ParseRegistry(std::span<const std::byte> copy) {
  RegistryHeader header;
  if (copy.size() < sizeof(header)) return NoRegistry();
  std::memcpy(&header, copy.data(), sizeof(header));
  const bool is_known = header.magic == kRegistryMagic && header.version == kRegistryVersion &&
                        header.entry_size >= kRegistryEntrySize && header.entry_size % 8 == 0;
  if (!is_known) return NoRegistry();
  const std::span<const std::byte> entries = copy.subspan(sizeof(header));
  if (entries.size() / header.entry_size < header.entry_count) return NoRegistry();
  Registry registry;
  registry.pid = header.pid;
  registry.unlisted = header.unlisted;
  for (std::uint32_t number = 0; number < header.entry_count; ++number) {
    Words words;
    std::memcpy(words.data(), entries.data() + std::size_t{number} * header.entry_size,
                sizeof(words));
    AddEntry(words, number, registry);
  }
  return registry;
}

Result<Registry> ReadRegistry(const Handle& file) {
  BATON_TRY(const std::vector<std::byte> copy, CopyOfRegistry(file));
  return ParseRegistry(copy);
}

std::vector<RegistryEntry> Unchanged(const Registry& before, const Registry& after) {
  std::vector<RegistryEntry> same;
  std::ranges::copy_if(after.entries, std::back_inserter(same), [&](const RegistryEntry& entry) {
    const auto earlier =
        std::ranges::lower_bound(before.entries, entry.number, {}, &RegistryEntry::number);
    return earlier != before.entries.end() && *earlier == entry;
  });
  return same;
}

}  // namespace baton::platform
