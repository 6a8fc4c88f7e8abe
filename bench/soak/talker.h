// One end of PSoak: does deeds, answers those of the other side, and checks all that it sees. What
// only one side has is in soak_parent.h and soak_child.cc.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>

#include "bench/soak/life.h"
#include "bench/soak/sides.h"
#include "bench/soak/task.h"

namespace soak {

// What questions are answered with.
constexpr std::uint64_t Answer(std::uint64_t value) {
  return value * 3 + 1;
}

// S is ParentSide or ChildSide. Bodies: talker_says.cc, talker_lends.cc and talker_hears.cc.
template <class S>
class Talker : public S::Soak {
 public:
  using Base = typename S::Soak;

  Talker(std::shared_ptr<Life> life, boost::asio::any_io_executor executor)
      : life_(std::move(life)), executor_(std::move(executor)) {}

  Life& life() { return *life_; }
  const std::shared_ptr<Life>& shared_life() { return life_; }
  const Rows& said() const { return said_; }
  const Rows& heard() const { return heard_; }

  // `salt` decides whatever there is to choose. What does not fit into the queue is left out.
  void Do(Deed deed, std::uint32_t size, std::uint64_t salt);

  // Ends all tasks, answers what was kept, and frees memory that was given.
  void TidyUp();

  // For planted faults: see planted.h.
  void SkipNumber() { ++said_.plain; }
  void SpoilNextHash() { spoils_hash_ = true; }

 protected:
  // The managed actors as they are now.
  virtual std::vector<std::shared_ptr<Task<S>>> Tasks() = 0;
  // kQuery; nothing on the side that cannot.
  virtual void SayQuery(std::uint64_t) {}

  // The number of the next message that keeps its order, and that it was sent.
  std::uint64_t NextNumber() const { return said_.plain + 1; }
  bool Sent(const baton::Result<void>& sent, const char* what);
  bool SentNumbered(const baton::Result<void>& sent, const char* what);

  // The number of such a message that has come, and of the one before a question that has.
  void Hear(std::uint64_t number);
  void HearAfter(std::uint64_t number);

  // A task that the other side makes; null when it shall not be.
  std::shared_ptr<Task<S>> MakeTask(std::uint64_t number, bool refuse);

  auto NewAsked(const char* what) { return std::make_shared<Asked>(life_, what); }

 private:
  // What it says.
  void SayNote(std::uint32_t size, std::uint64_t salt);
  void SayLazyNotes(std::uint64_t count);
  void SayBatch(std::uint32_t size, std::uint64_t salt);
  void SayUrgent(std::uint64_t count);
  void SayNewest(std::uint32_t size, std::uint64_t salt);
  void SayLatest(std::uint64_t salt);
  void Flood(std::uint64_t notes, std::uint64_t salt);
  void Ask(std::uint64_t salt);
  void AskLate(std::uint64_t salt);
  void AskCancelled(std::uint64_t salt);
  void MakeOne(bool is_unwanted);
  void UseTask(std::uint64_t salt);
  void DeleteTask(std::uint64_t salt);

  // Memory and files that it sends.
  void Lend(std::uint32_t size, std::uint64_t salt);
  void Give(std::uint32_t size, std::uint64_t salt, bool wanted_back);
  void Share(std::uint32_t size, std::uint64_t salt);
  void Pipe(std::uint64_t salt);
  std::uint64_t HashToSay(std::uint64_t hash);

  // What it hears.
  baton::Result<void> RecvNote(std::uint64_t number, std::vector<std::byte> content,
                               std::uint64_t hash) override;
  baton::Result<void> RecvLazy(std::uint64_t number) override;
  baton::Result<void> RecvUrgent(std::uint64_t number) override;
  baton::Result<void> RecvNewest(std::uint64_t number, std::vector<std::byte> content) override;
  baton::Result<void> RecvLatest(std::uint64_t number) override;
  void RecvAsk(std::uint64_t after, Manner manner, std::uint64_t value,
               typename Base::AskReplier reply) override;
  void RecvLend(std::uint64_t after, baton::Shmem memory, std::uint64_t hash,
                typename Base::LendReplier reply) override;
  baton::Result<void> RecvGive(std::uint64_t number, baton::Shmem memory, std::uint64_t hash,
                               bool wanted_back) override;
  void RecvShare(std::uint64_t after, baton::UnsafeShmem memory, std::uint64_t hash,
                 typename Base::ShareReplier reply) override;
  void RecvPipe(std::uint64_t after, baton::FileDescriptor file, std::uint64_t word,
                typename Base::PipeReplier reply) override;
  baton::Result<void> RecvPTaskConstructor(typename S::Task& task, std::uint64_t number,
                                           bool refuse) override;
  void OnHandlerError(std::error_code error) override;
  void CheckHash(std::span<const std::byte> bytes, std::uint64_t hash, const char* what);
  void GiveBack(baton::Shmem memory);

  struct Kept {
    std::uint64_t value;
    typename Base::AskReplier reply;
  };

  const std::shared_ptr<Life> life_;
  const boost::asio::any_io_executor executor_;
  Rows said_ = {};
  Rows heard_ = {};
  std::deque<Kept> kept_;           // questions that are answered late
  std::deque<baton::Shmem> given_;  // memory that goes back late
  bool spoils_hash_ = false;
};

// Each of the three files has what is defined in it.
extern template class Talker<ParentSide>;
extern template class Talker<ChildSide>;

}  // namespace soak
