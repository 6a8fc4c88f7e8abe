// Values -> bytes, by the rows of a table.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <baton/base/result.h>
#include <baton/wire/table.h>

#include "runtime/wire/mapping.h"
#include "runtime/wire/shmem_slot.h"

namespace baton::wire {

// One encoded message. Valid until the encoder's next Encode.
struct Encoded {
  std::span<std::byte> bytes;  // a finished FlatBuffer; the caller fills the holes
  std::span<const OutgoingShmem> shared_memory;
  // The oldest version of the protocol whose readers understand it: larger than 1 when it has an
  // enumerator that came later, or memory, a handle or an actor in a newer field, or when a field
  // that older readers do not do without has been left out.
  std::uint32_t since;
  std::span<const OutgoingActor> actors = {};  // holes that the caller fills, too
};

// Encodes messages one after the other, keeping its buffers. Not thread-safe.
class Encoder {
 public:
  Encoder();
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // `values[n]` points at the value of `table.rows[n]`. No value is changed. Fields that do not
  // exist in `version` are left out.
  // Errors: Errc::kInvalidValue (text that is not UTF-8, an enum value that is no enumerator,
  // values nested deeper than a reader accepts, a union that was moved from, a shared C++ value
  // that is null, or that its codec does not write), Errc::kPeerTooOld (an enumerator that came
  // after `version`), Errc::kOutOfBounds, Errc::kMessageTooLarge (over `max_bytes`).
  Result<Encoded> Encode(const Table& table, std::span<const void* const> values,
                         std::size_t max_bytes, std::uint32_t version = kNewestVersion);

  // After an Encode that failed: which field it was, "size.width" or "damage[3].x";
  // empty for kMessageTooLarge.
  const std::string& refused_field() const;
  void ForgetRefusal();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace baton::wire
