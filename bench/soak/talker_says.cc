// What a Talker says.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <utility>

#include "bench/soak/content.h"
#include "bench/soak/dice.h"
#include "bench/soak/talker.h"

namespace soak {

using baton::Errc;
using boost::system::error_code;

namespace {

// Whether a question of that manner may be answered so.
bool IsRight(Manner manner, std::uint64_t value, const PSoak::AskReply& reply) {
  if (manner == Manner::kFails) return reply.index() == 1;
  if (manner == Manner::kRejects || manner == Manner::kDrops) return false;
  return reply.index() == 0 && std::get<0>(reply) == Answer(value);
}

}  // namespace

template <class S>
void Talker<S>::Do(Deed deed, std::uint32_t size, std::uint64_t salt) {
  switch (deed) {
    case Deed::kNote: return SayNote(size, salt);
    case Deed::kLazyNotes: return SayLazyNotes(1 + salt % 5);
    case Deed::kBatch: return SayBatch(size, salt);
    case Deed::kUrgent: return SayUrgent(1 + salt % 3);
    case Deed::kNewest: return SayNewest(size, salt);
    case Deed::kLatest: return SayLatest(salt);
    case Deed::kFlood: return Flood(64 + salt % 64, salt);
    case Deed::kAsk: return Ask(salt);
    case Deed::kAskLate: return AskLate(salt);
    case Deed::kAskCancelled: return AskCancelled(salt);
    case Deed::kQuery: return SayQuery(salt);
    case Deed::kLend: return Lend(size, salt);
    case Deed::kGive: return Give(size, salt, true);
    case Deed::kGiveAway: return Give(size, salt, false);
    case Deed::kShare: return Share(size, salt);
    case Deed::kPipe: return Pipe(salt);
    case Deed::kMakeTask: return MakeOne(false);
    case Deed::kMakeRefused: return MakeOne(true);
    case Deed::kUseTask: return UseTask(salt);
    case Deed::kDeleteTask: return DeleteTask(salt);
  }
}

template <class S>
bool Talker<S>::Sent(const baton::Result<void>& sent, const char* what) {
  if (!sent && !life_->Excuses(sent.error())) life_->FailBecause(what, sent.error());
  return sent.has_value();
}

template <class S>
bool Talker<S>::SentNumbered(const baton::Result<void>& sent, const char* what) {
  if (!Sent(sent, what)) return false;
  ++said_.plain;
  return true;
}

// --- Messages ------------------------------------------------------------------------------------

template <class S>
void Talker<S>::SayNote(std::uint32_t size, std::uint64_t salt) {
  const auto content = Content(size, salt);
  const std::uint64_t hash = Hash(content);
  SentNumbered(this->SendNote(NextNumber(), content, HashToSay(hash)), "a note");
}

template <class S>
void Talker<S>::SayLazyNotes(std::uint64_t count) {
  for (; count > 0; --count) SentNumbered(this->SendLazy(NextNumber()), "a lazy note");
}

template <class S>
void Talker<S>::SayBatch(std::uint32_t size, std::uint64_t salt) {
  const baton::HoldBack batch(*this);
  for (std::uint64_t count = 1 + salt % 6; count > 0; --count) SayNote(size / 8 + 1, salt + count);
}

template <class S>
void Talker<S>::SayUrgent(std::uint64_t count) {
  for (; count > 0; --count) {
    if (Sent(this->SendUrgent(said_.urgent + 1), "an urgent message")) ++said_.urgent;
  }
}

template <class S>
void Talker<S>::SayNewest(std::uint32_t size, std::uint64_t salt) {
  for (std::uint64_t count = 1 + salt % 4; count > 0; --count) {
    const auto content = Content(size / 8, said_.newest + 1);
    if (Sent(this->SendNewest(said_.newest + 1, content), "a newest message")) ++said_.newest;
  }
}

template <class S>
void Talker<S>::SayLatest(std::uint64_t salt) {
  for (std::uint64_t count = 1 + salt % 4; count > 0; --count) {
    if (Sent(this->SendLatest(said_.latest + 1), "a latest message")) ++said_.latest;
    if (count % 2 == 0) SayNote(8, salt);
  }
}

// As many notes as there is room for, and the rest when there is room again.
template <class S>
void Talker<S>::Flood(std::uint64_t notes, std::uint64_t salt) {
  const auto content = Content(32 * 1024, salt);
  const std::uint64_t hash = Hash(content);
  for (; notes > 0; --notes) {
    const auto sent = this->SendNote(NextNumber(), content, hash);
    if (!SentNumbered(sent, "a note of a flood")) break;
  }
  if (notes == 0 || !this->CanSend()) return;
  this->Drained([this, self = this->shared_from_this(), asked = NewAsked("a wait for room"), notes,
                 salt](error_code error) {
    asked->Complete();
    if (error) return asked->Judge(error);
    Flood(notes, salt + 1);
  });
}

// --- Questions -----------------------------------------------------------------------------------

template <class S>
void Talker<S>::Ask(std::uint64_t salt) {
  constexpr Manner kManners[] = {Manner::kAtOnce, Manner::kAtOnce,  Manner::kLater,
                                 Manner::kFails,  Manner::kRejects, Manner::kDrops};
  const Manner manner = kManners[salt % std::size(kManners)];
  this->SendAsk(
      said_.plain, manner, salt,
      [asked = NewAsked("a question"), manner, salt](error_code error, PSoak::AskReply reply) {
        asked->Complete();
        const bool was_rejected = manner == Manner::kRejects && error == std::errc::not_supported;
        const bool was_dropped = manner == Manner::kDrops && error == Errc::kReplierDropped;
        if (was_rejected || was_dropped) return;
        if (error) return asked->Judge(error);
        if (!IsRight(manner, salt, reply)) asked->life().Fail("an answer is another question's");
      });
}

template <class S>
void Talker<S>::AskLate(std::uint64_t salt) {
  auto handler = [asked = NewAsked("a question with a deadline"), salt](error_code error,
                                                                        PSoak::AskReply reply) {
    asked->Complete();
    if (error == std::errc::timed_out) return (void)++asked->life().counts().late;
    if (error) return asked->Judge(error);
    if (!IsRight(Manner::kKeeps, salt, reply)) {
      asked->life().Fail("a late answer is another question's");
    }
  };
  const std::chrono::milliseconds patience(2 + salt % 30);
  this->SendAsk(said_.plain, Manner::kKeeps, salt, baton::Within(patience, std::move(handler)));
}

template <class S>
void Talker<S>::AskCancelled(std::uint64_t salt) {
  boost::asio::cancellation_signal cancel;
  const auto handler = [asked = NewAsked("a cancelled question")](error_code error, const auto&) {
    asked->Complete();
    if (error != boost::asio::error::operation_aborted) asked->Judge(error);
  };
  this->SendAsk(said_.plain, Manner::kLater, salt,
                boost::asio::bind_cancellation_slot(cancel.slot(), handler));
  cancel.emit(boost::asio::cancellation_type::all);
}

// --- Tasks ---------------------------------------------------------------------------------------

template <class S>
void Talker<S>::MakeOne(bool is_unwanted) {
  const auto task = std::make_shared<Task<S>>(life_, is_unwanted);
  const auto sent = this->SendPTaskConstructor(task, NextNumber(), is_unwanted);
  if (!SentNumbered(sent, "making a task")) return;
  task->OnBound();
  task->SayNote();
}

template <class S>
void Talker<S>::UseTask(std::uint64_t salt) {
  const auto tasks = Tasks();
  if (tasks.empty()) return;
  Task<S>& task = *tasks[salt % tasks.size()];
  if (salt % 3 == 0) return task.Ask(salt);
  task.SayNote();
}

template <class S>
void Talker<S>::DeleteTask(std::uint64_t salt) {
  const auto tasks = Tasks();
  if (!tasks.empty()) tasks[salt % tasks.size()]->Delete();
}

template <class S>
void Talker<S>::TidyUp() {
  for (const auto& task : Tasks()) task->Delete();
  for (Kept& one : std::exchange(kept_, {})) one.reply(Answer(one.value));
  given_.clear();
}

template class Talker<ParentSide>;
template class Talker<ChildSide>;

}  // namespace soak
