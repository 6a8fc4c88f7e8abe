// What a channel leaves behind when it ends: memory that is not this side's, and whose it may be.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/shmem/peer_life.h"
#include "runtime/shmem/shmem_record.h"

namespace baton::internal {

// How the two sides parted.
enum class Parting : std::uint8_t {
  kInOrder,  // the peer has said GOODBYE, and before that what it had taken
  kCut,      // without a word
};

struct Estate {
  std::string protocol;
  std::uint64_t trust_label = 0;
  Parting parting = Parting::kCut;
  std::shared_ptr<PeerLife> peer_life;
  // Of safe memory: kInFlight or kPeer, each with its handle and its revoked mapping.
  std::vector<std::shared_ptr<ShmemRecord>> records;
};

}  // namespace baton::internal
