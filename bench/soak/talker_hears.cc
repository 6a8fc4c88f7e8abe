// What a Talker hears.
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "bench/soak/content.h"
#include "bench/soak/talker.h"

namespace soak {

using baton::Result;

namespace {

constexpr std::size_t kMostKept = 4;

}  // namespace

template <class S>
void Talker<S>::Hear(std::uint64_t number) {
  if (number != heard_.plain + 1) {
    life_->Fail("message " + std::to_string(number) + " came after " +
                std::to_string(heard_.plain));
  }
  heard_.plain = number;
}

template <class S>
void Talker<S>::HearAfter(std::uint64_t number) {
  if (number == heard_.plain) return;
  life_->Fail("a question sent after message " + std::to_string(number) + " came after " +
              std::to_string(heard_.plain));
}

template <class S>
void Talker<S>::CheckHash(std::span<const std::byte> bytes, std::uint64_t hash, const char* what) {
  if (Hash(bytes) != hash) life_->Fail(std::string(what) + " came with another content");
}

template <class S>
Result<void> Talker<S>::RecvNote(std::uint64_t number, std::vector<std::byte> content,
                                 std::uint64_t hash) {
  Hear(number);
  CheckHash(content, hash, "a note");
  return {};
}

template <class S>
Result<void> Talker<S>::RecvLazy(std::uint64_t number) {
  Hear(number);
  return {};
}

template <class S>
Result<void> Talker<S>::RecvUrgent(std::uint64_t number) {
  if (number != heard_.urgent + 1) {
    life_->Fail("urgent message " + std::to_string(number) + " came after " +
                std::to_string(heard_.urgent));
  }
  heard_.urgent = number;
  return {};
}

template <class S>
Result<void> Talker<S>::RecvNewest(std::uint64_t number, std::vector<std::byte> content) {
  if (number <= heard_.newest) life_->Fail("a newest message came after a newer one");
  heard_.newest = number;
  CheckHash(content, Hash(Content(content.size(), number)), "a newest message");
  return {};
}

template <class S>
Result<void> Talker<S>::RecvLatest(std::uint64_t number) {
  if (number <= heard_.latest) life_->Fail("a latest message came after a later one");
  heard_.latest = number;
  return {};
}

template <class S>
void Talker<S>::RecvAsk(std::uint64_t after, Manner manner, std::uint64_t value,
                        typename Base::AskReplier reply) {
  HearAfter(after);
  switch (manner) {
    case Manner::kAtOnce: return reply(Answer(value));
    case Manner::kLater:
      return boost::asio::post(
          executor_, [value, reply = std::move(reply)]() mutable { reply(Answer(value)); });
    case Manner::kFails: return reply.Fail(Refusal::kUnwanted);
    case Manner::kRejects: return reply.Reject(std::make_error_code(std::errc::not_supported));
    case Manner::kDrops: return;
    case Manner::kKeeps: kept_.push_back({value, std::move(reply)});
  }
  if (kept_.size() <= kMostKept) return;
  kept_.front().reply(Answer(kept_.front().value));
  kept_.pop_front();
}

template <class S>
void Talker<S>::RecvLend(std::uint64_t after, baton::Shmem memory, std::uint64_t hash,
                         typename Base::LendReplier reply) {
  HearAfter(after);
  CheckHash(memory.bytes(), hash, "memory");
  Fill(memory.bytes(), ~hash);
  const std::uint64_t hash_back = Hash(memory.bytes());
  life_->counts().handovers += 2;
  reply({std::move(memory), hash_back});
}

template <class S>
Result<void> Talker<S>::RecvGive(std::uint64_t number, baton::Shmem memory, std::uint64_t hash,
                                 bool wanted_back) {
  Hear(number);
  ++life_->counts().handovers;
  CheckHash(memory.bytes(), hash, "a gift");
  if (!wanted_back) return {};
  given_.push_back(std::move(memory));
  if (given_.size() <= kMostKept) return {};
  GiveBack(std::move(given_.front()));
  given_.pop_front();
  return {};
}

template <class S>
void Talker<S>::GiveBack(baton::Shmem memory) {
  Fill(memory.bytes(), heard_.plain);
  const std::uint64_t hash = Hash(memory.bytes());
  if (SentNumbered(this->SendGive(NextNumber(), std::move(memory), hash, false), "a gift back")) {
    ++life_->counts().handovers;
  }
}

template <class S>
void Talker<S>::RecvShare(std::uint64_t after, baton::UnsafeShmem memory, std::uint64_t hash,
                          typename Base::ShareReplier reply) {
  HearAfter(after);
  CheckHash(memory.bytes(), hash, "memory of both");
  Fill(memory.bytes(), ~hash);
  reply(Hash(memory.bytes()));
}

template <class S>
void Talker<S>::RecvPipe(std::uint64_t after, baton::FileDescriptor file, std::uint64_t word,
                         typename Base::PipeReplier reply) {
  HearAfter(after);
  (void)!::write(file.get(), &word, sizeof(word));  // who reads it may have gone
  reply({});
}

template <class S>
std::shared_ptr<Task<S>> Talker<S>::MakeTask(std::uint64_t number, bool refuse) {
  Hear(number);
  return refuse ? nullptr : std::make_shared<Task<S>>(life_, false);
}

template <class S>
Result<void> Talker<S>::RecvPTaskConstructor(typename S::Task& task, std::uint64_t, bool) {
  static_cast<Task<S>&>(task).OnBound();
  return {};
}

template <class S>
void Talker<S>::OnHandlerError(std::error_code error) {
  life_->FailBecause("a message was refused", error);
}

template class Talker<ParentSide>;
template class Talker<ChildSide>;

}  // namespace soak
