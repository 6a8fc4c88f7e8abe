// Memory that outlives its channel and its holder.
//
//   ChannelOptions options = {.trust_label = 7, .store = *baton::ShmemStore::Create(executor)};
//   ... the child dies, and its successor is bound with the same options ...
//   auto [error, returned] = co_await options.store->Returned(as_tuple(use_awaitable));
//   for (auto& piece : returned) successor->Attach(piece.memory);   // same id, same content
//
// Without a store, what was not this side's when its channel ended is let go of. With one, a
// channel leaves to it whatever the peer had, or was about to have, and the store gives back what
// it can prove that nobody else has:
//
//   the peer parted in good order:   what it had not taken comes back at once; the rest is its own
//   the peer's process has died:     all of it, once all that it sent has been read
//   the line was cut, and it lives:  nothing yet, as the peer may have it. An orphan waits for the
//                                    end of that process (docs/shmem.md, When a channel ends)
//
// Memory comes back as its own side's: readable, writable, at the address that it had before.
//
// Threads: Returned and what it completes are for the executor of Create (of a single-threaded
// io_context, or a strand); all else may be called anywhere.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <baton/base/result.h>
#include <baton/internal/meeting_completion.h>
#include <baton/shmem.h>

namespace baton {

class Actor;

// What is known about memory that has come back.
enum class HowReturned : std::uint8_t {
  kUndelivered = 1,  // the peer parted without having taken it: the content is as it was sent
  kMaybeSeen = 2,    // it was under way when the peer died, who may have read and written it
  kRecovered = 3,    // the peer owned it when it died: the content is of that moment, in the middle
                     // of a change perhaps
};

struct ReturnedShmem {
  Shmem memory;  // owned; of no channel, until Actor::Attach
  HowReturned how = HowReturned::kRecovered;
  std::uint64_t transfers = 0;    // how often it changed hands on its last channel
  std::uint64_t trust_label = 0;  // of that channel's peer
  std::string protocol;           // of that channel
};

struct ShmemStoreOptions {
  // What may lie in the store at a time, orphans included: bytes, and pieces, each of which keeps a
  // file open. What comes beyond that is let go of, and counted.
  std::uint64_t max_bytes = std::uint64_t{8} << 30;
  std::size_t max_count = 4'096;
};

// What a store holds at this moment, and has let go of since its beginning.
struct ShmemStoreCensus {
  std::size_t returned = 0;  // pieces that wait to be taken
  std::size_t orphans = 0;   // pieces that a living process may have
  std::uint64_t bytes = 0;   // of both
  std::uint64_t let_go = 0;  // pieces that found no room, or could not be mapped any more
};

namespace internal {
struct Estate;
class StoreCore;
using ReturnedCompletion = CompletionWith<std::vector<ReturnedShmem>>;
}  // namespace internal

class ShmemStore {
 public:
  // `executor`: where deaths are waited for. Errors: the system's.
  static Result<std::shared_ptr<ShmemStore>> Create(const boost::asio::any_io_executor& executor,
                                                    const ShmemStoreOptions& options = {});
  ShmemStore(const ShmemStore&) = delete;
  ShmemStore& operator=(const ShmemStore&) = delete;
  // Lets go of what it holds. A waiting Returned completes with operation_aborted.
  ~ShmemStore();

  // All that has come back and was not taken yet, the oldest first; may be empty. Any thread.
  std::vector<ReturnedShmem> TakeReturned();

  // Completes with void(boost::system::error_code, std::vector<ReturnedShmem>) as soon as there is
  // something to take, with all of it; never inside this call. Several may wait; the first gets the
  // first. Can be cancelled as any Asio operation: operation_aborted.
  template <class CompletionToken>
  auto Returned(CompletionToken&& token);

  // Attaches all that has come back to the channel of `actor`, as Actor::Attach, in one go: for the
  // successor of a child that has died. What cannot be attached stays in the store. Returns what
  // was; to be sent to the peer again, in one message best. On the actor's executor.
  Result<std::vector<ReturnedShmem>> ReattachAll(Actor& actor);

  ShmemStoreCensus census() const;

  // Gives orphans up; returns how many. Their memory is the living process's from then on.
  std::size_t LetGoOfOrphans();

 private:
  friend class internal::StoreCore;
  explicit ShmemStore(std::shared_ptr<internal::StoreCore> core);

  // For channels, through StoreCore::Of.
  std::shared_ptr<internal::StoreCore> core_;
};

namespace internal {

const boost::asio::any_io_executor& ExecutorOf(const StoreCore& core);
std::uint64_t NextReturned(StoreCore& core);
void StartReturned(const std::shared_ptr<StoreCore>& core, std::uint64_t number,
                   std::unique_ptr<ReturnedCompletion> completion);
void CancelReturned(const std::weak_ptr<StoreCore>& core, std::uint64_t number);

}  // namespace internal

template <class CompletionToken>
auto ShmemStore::Returned(CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken,
                                     void(boost::system::error_code, std::vector<ReturnedShmem>)>(
      [core = core_](auto&& handler) {
        const std::uint64_t number = internal::NextReturned(*core);
        const auto cancel = [weak = std::weak_ptr(core), number] {
          internal::CancelReturned(weak, number);
        };
        internal::StartReturned(
            core, number,
            internal::MakeMeetingCompletion<std::vector<ReturnedShmem>, std::vector<ReturnedShmem>>(
                std::forward<decltype(handler)>(handler), internal::ExecutorOf(*core), cancel));
      },
      token);
}

}  // namespace baton
