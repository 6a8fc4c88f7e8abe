// What the parent knows of each texture, by what its painters have said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <baton/shmem.h>

namespace samples {

class Ledger {
 public:
  void Made(std::uint32_t texture, baton::ShmemId id) { numbers_[id] = texture; }
  void Painting(std::uint32_t texture) { hashes_[texture] = std::nullopt; }
  void Painted(std::uint32_t texture, std::uint64_t hash) { hashes_[texture] = hash; }

  std::size_t made() const { return numbers_.size(); }
  // Nothing for memory that is no texture of ours.
  std::optional<std::uint32_t> NumberOf(baton::ShmemId id) const;

  enum class Finding {
    kWhole,     // exactly as its painter has left it
    kHalfDone,  // its painter died over it
    kLost,      // other bytes than there were
  };
  // Half-done ones count as whole from here on, as they are.
  Finding Look(std::uint32_t texture, std::span<const std::byte> pixels);

 private:
  std::map<baton::ShmemId, std::uint32_t> numbers_;
  std::map<std::uint32_t, std::optional<std::uint64_t>> hashes_;  // absent: never painted, zeros
};

}  // namespace samples
