#include "bench/soak/soak_parent.h"

#include <string>
#include <utility>

namespace soak {

using baton::Result;

SoakParent::SoakParent(std::shared_ptr<Life> life, boost::asio::any_io_executor executor,
                       Report& report, TalkLedger& ledger, const Run& run)
    : Talker(std::move(life), std::move(executor)), report_(report), ledger_(ledger), run_(run) {
  ++report_.actors;
}

SoakParent::~SoakParent() {
  if (ends_ != 1) life().Fail("the actor has ended " + std::to_string(ends_) + " times");
}

void SoakParent::Tell(Deed deed, std::uint32_t size, std::uint64_t salt) {
  SentNumbered(SendAct(NextNumber(), deed, size, salt), "telling the child");
}

bool SoakParent::Introduce(std::uint64_t talk, baton::Endpoint<PTalkParent> end) {
  return SentNumbered(SendMeet(NextNumber(), talk, std::move(end)), "an introduction");
}

bool SoakParent::Introduce(std::uint64_t talk, baton::Endpoint<PTalkChild> end) {
  return SentNumbered(SendJoin(NextNumber(), talk, std::move(end)), "an introduction");
}

std::vector<std::shared_ptr<Task<ParentSide>>> SoakParent::Tasks() {
  std::vector<std::shared_ptr<Task<ParentSide>>> tasks;
  for (auto& task : ManagedPTaskParent()) {
    tasks.push_back(std::static_pointer_cast<Task<ParentSide>>(std::move(task)));
  }
  return tasks;
}

std::shared_ptr<PTaskParent> SoakParent::AllocPTaskParent(std::uint64_t number, bool refuse) {
  return MakeTask(number, refuse);
}

Result<PSoak::QueryReply> SoakParent::RecvQuery(std::uint64_t after, std::uint64_t value) {
  HearAfter(after);
  if (value % 4 == 0) return PSoak::QueryReply(Refusal::kUnwanted);
  return PSoak::QueryReply(Answer(value));
}

Result<void> SoakParent::RecvTalkEnded(std::uint64_t number, std::uint64_t talk,
                                       std::string trouble) {
  Hear(number);
  ledger_.OnEnded(talk, run_, trouble);
  return {};
}

void SoakParent::ActorDestroy(baton::ActorDestroyReason reason) {
  if (++ends_ > 1) life().Fail("the actor has ended twice");
  if (!life().is_doomed()) {
    life().Fail("the channel has ended and nobody ended it, reason " +
                std::to_string(static_cast<int>(reason)) + ": " + close_error().message() + " " +
                close_detail());
  }
  if (close_error() == baton::Cause::kPeerFault || close_error() == std::errc::timed_out) {
    life().Fail("the channel has not ended as it must: " + close_detail());
  }
  const baton::ChannelStatistics statistics = this->statistics();
  life().counts().messages += statistics.messages_sent + statistics.messages_received;
  --report_.actors;
  life().OnChange();
}

}  // namespace soak
