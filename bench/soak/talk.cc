#include "bench/soak/talk.h"

#include <string>

#include "bench/soak/content.h"

namespace soak {

using baton::Result;
using boost::system::error_code;

template <class Base>
void Talk<Base>::Check(const Result<void>& sent) {
  if (!sent && !life_->Excuses(sent.error())) life_->FailBecause("a word in a talk", sent.error());
}

template <class Base>
void Talk<Base>::Begin() {
  for (std::uint64_t note = 1; note <= notes(); ++note) {
    const auto content = Content(note * 100, number_ + note);
    Check(this->SendNote(note, content, Hash(content)));
  }
  Lend();
}

template <class Base>
void Talk<Base>::Lend() {
  auto memory = this->AllocShmem(1 + number_ * 7919 % 100'000);
  if (!memory) return Check(baton::Fail(memory.error()));
  Fill(memory->bytes(), number_);
  const std::uint64_t hash = Hash(memory->bytes());
  this->SendLend(
      notes(), *std::move(memory), hash,
      [this, self = this->shared_from_this(),
       asked = std::make_shared<Asked>(life_, "a loan in a talk"),
       hash](error_code error, const PTalk::LendReply& reply) {
        asked->Complete();
        if (error) return asked->Judge(error);
        if (Hash(reply.memory_back.bytes()) != reply.hash_back || reply.hash_back == hash) {
          asked->life().Fail("memory came back from a talk with another content");
        }
        OnAnswered();
      });
}

template <class Base>
Result<void> Talk<Base>::RecvNote(std::uint64_t number, std::vector<std::byte> content,
                                  std::uint64_t hash) {
  if (number != heard_ + 1) life_->Fail("a note in a talk came out of its turn");
  if (Hash(content) != hash) life_->Fail("a note in a talk came with another content");
  heard_ = number;
  return {};
}

template <class Base>
void Talk<Base>::RecvLend(std::uint64_t after, baton::Shmem memory, std::uint64_t hash,
                          typename Base::LendReplier reply) {
  if (after != heard_) life_->Fail("a question in a talk came out of its turn");
  if (Hash(memory.bytes()) != hash) life_->Fail("memory in a talk came with another content");
  Fill(memory.bytes(), ~hash);
  const std::uint64_t hash_back = Hash(memory.bytes());
  reply({std::move(memory), hash_back});
}

template <class Base>
void Talk<Base>::ActorDestroy(baton::ActorDestroyReason reason) {
  if (++ends_ > 1) life_->Fail("a talk has ended twice");
  const std::error_code error = this->close_error();
  if (error == baton::Cause::kPeerFault) {
    life_->Fail("a talk was ended for a fault: " + this->close_detail());
  }
  if (reason == baton::ActorDestroyReason::kNormalShutdown) return on_end_("");
  on_end_("reason " + std::to_string(static_cast<int>(reason)) + ", " + error.message() +
          ", heard " + std::to_string(heard_));
}

void TalkOfParent::OnAnswered() {
  is_answered_ = true;
  CloseWhenDone();
}

Result<void> TalkOfParent::RecvDone() {
  if (heard() != notes()) life().Fail("a note in a talk was lost");
  other_is_done_ = true;
  CloseWhenDone();
  return {};
}

void TalkOfParent::CloseWhenDone() {
  if (is_answered_ && other_is_done_) Close();
}

template class Talk<PTalkParent>;
template class Talk<PTalkChild>;

}  // namespace soak
