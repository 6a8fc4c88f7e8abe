// What one channel may cost. Every limit is enforced against the peer as well as against ourselves.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <baton/platform/map_options.h>
#include <baton/platform/memory_backend.h>

namespace baton {

class ShmemStore;  // <baton/shmem_store.h>

// Where a side has the memory from that AllocShmem and AllocUnsafeShmem give it, and that of the
// ring to its peer. A process in a sandbox may be forbidden to make any.
enum class MemorySource : std::uint8_t {
  kSelf,             // makes it, or says why it cannot
  kPeer,             // asks the peer for it
  kPeerWhenRefused,  // makes it, and asks where the system does not permit that
};

// For whom memory is made here. What backs it is reserved by whoever has asked for it.
enum class LendsMemory : std::uint8_t {
  kToLaunched,  // for a process that this one has launched, by itself or with a ChildSupervisor
  kToAnyone,
  kToNobody,
};

struct ChannelOptions {
  // Payload of one message in bytes, in either direction, at least 4096. What is larger belongs
  // into a Shmem.
  std::size_t max_message_bytes = std::size_t{1} << 20;

  // Data waiting for a slow peer: bytes, messages, and handles, which are open files here. Beyond
  // any of them SendX says Errc::kWouldBlock; but while no more than half is waiting, one message
  // of any size finds room. What the ring holds does not count.
  std::size_t max_queued_bytes = std::size_t{1} << 20;
  std::size_t max_queued_messages = 65'536;
  std::size_t max_queued_handles = 256;

  // Answers waiting for a peer that asks and does not read, in bytes; for as many handles as above
  // again. Beyond it the questions are refused with Errc::kOverQuota.
  std::size_t max_queued_answer_bytes = std::size_t{32} << 20;

  // The ring in shared memory that messages to the peer go through without a system call, in bytes:
  // a power of two from 64 KiB to 16 MiB, others are rounded up. 0: none, everything goes through
  // the socket. Each side chooses for what it sends.
  std::size_t ring_bytes = std::size_t{256} << 10;

  // How long the executor's thread at most looks for the next message, before it sleeps and has to
  // be woken, which takes a peer 5 us (50 us in some virtual machines). Only where messages come
  // that close after one another, and where there is more than one processor. It takes turns with
  // the executor's other handlers, but keeps a processor busy. 0: it sleeps at once.
  std::chrono::microseconds max_spin{50};

  // Shared memory of this channel mapped here, whoever allocated it. Each piece costs an open file;
  // many systems give a process 1024. At most 65,536.
  std::uint64_t max_shmem_bytes = std::uint64_t{8} << 30;
  std::size_t max_shmem_count = 512;

  // Shmem that was freed and is kept to be given out again, on this side: such memory is mapped
  // already, on both sides, and holds what was left in it (docs/shmem.md, The pool). Counts in the
  // limits above, of which it takes a quarter at most, and makes way when they are reached. After a
  // second or two without use it is let go. In bytes; 0: memory is unmapped as soon as it is freed.
  std::uint64_t max_pooled_bytes = std::uint64_t{64} << 20;

  // Memory of the peer's making: AllocShmem asks for it and blocks, no longer than memory_deadline;
  // AllocShmemAsync does not block. docs/runtime.md, Borrowed memory.
  MemorySource memory_from = MemorySource::kSelf;
  std::chrono::milliseconds memory_deadline{5'000};

  // Memory for the peer: who may ask for it, and how much of it the peer may hold at a time, in
  // bytes. It counts as shared memory of this channel, too, and so do its pieces.
  LendsMemory lends_memory = LendsMemory::kToLaunched;
  std::uint64_t max_lent_bytes = std::uint64_t{1} << 30;

  // How long AsyncFreeze waits for the peer to unmap what it has handed over, before it copies.
  std::chrono::milliseconds unmap_deadline{1'000};

  // How this process loses its access to a Shmem that it sends (docs/shmem.md). With kUnmap each
  // piece costs a second open file. kNone is advice, not protection: a stray pointer writes into
  // what the peer owns, and nobody notices.
  platform::Revocation revocation = platform::Revocation::kProtect;

  // Where memory goes that is the peer's, or under way, when the channel ends; null: it is let go
  // of. One store serves any number of channels. Give each channel whose memory is to move to a
  // successor a trust_label. docs/shmem.md, When a channel ends.
  std::shared_ptr<ShmemStore> store = {};

  // Whether memory of the peer's is taken whose size can change, as POSIX shared memory is: what
  // the peer shrinks reads as zeros here (Shmem::is_damaged), and large messages are copied.
  // kRefuse is a fault of the peer (Rule::kHandleSeals). Each side chooses for what it receives.
  platform::UnsealedMemory unsealed_memory = platform::UnsealedMemory::kAsWeMake;

  // Managed actors of the peer's making that may be alive at a time. One more is turned away: it
  // ends with kFailedConstructor on its side, and the channel goes on. At most 65,536.
  std::size_t max_actors = 16'384;

  // How long the SendX of a sync message waits for its answer, where neither [Deadline] nor the
  // caller says otherwise.
  std::chrono::milliseconds sync_deadline{10'000};

  // Whom the peer belongs to, in words of this program's own: Actor::trust_label(), and that of the
  // endpoints which the peer gives us. 0: as the endpoint says (Endpoint::trust_label).
  std::uint64_t trust_label = 0;

  // Whether the peer may say whom other processes belong to: an endpoint that it has labelled keeps
  // that label, instead of getting the peer's own. A launched child believes who launched it.
  bool believe_labels = false;

  // How long the peer may take to introduce itself.
  std::chrono::milliseconds handshake_deadline{10'000};

  // How long the peer may be silent although something is expected of it: an answer that somebody
  // waits for, or that it reads what it was sent. Then Actor::OnUnresponsive is called, at most a
  // quarter later, and nothing ends. At half of it the peer is asked for a sign of life. 0: never.
  std::chrono::milliseconds unresponsive_after{5'000};

  // How long Close waits for a slow peer to take what was sent before.
  std::chrono::milliseconds close_deadline{2'000};
};

}  // namespace baton
