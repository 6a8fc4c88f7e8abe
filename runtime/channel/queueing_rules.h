// Which messages do not wait their turn like all others, found by their number.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <baton/wire/rows.h>

namespace baton::internal {

class QueueingRules {
 public:
  // The message of that number among those that one side receives, if it is one that overtakes,
  // compresses, or ends its actor; null for all others, and where there is no such message.
  const wire::Message* Find(std::span<const wire::Message* const> received, std::uint32_t message) {
    for (const wire::Message* const one : SpecialOf(received)) {
      if (one->id == message) return one;
    }
    return nullptr;
  }

 private:
  using Special = std::vector<const wire::Message*>;

  // Looked for once per protocol.
  const Special& SpecialOf(std::span<const wire::Message* const> received);

  std::unordered_map<const void*, Special> protocols_;  // by the address of what is received
};

}  // namespace baton::internal
