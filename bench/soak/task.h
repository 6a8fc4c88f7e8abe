// A managed actor that comes and goes. Either side may talk to it and delete it at any moment.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <baton/async.h>
#include <baton/baton.h>

#include "bench/soak/life.h"
#include "bench/soak/sides.h"

namespace soak {

// What it answers.
constexpr std::uint64_t TaskAnswer(std::uint64_t value) {
  return ~value;
}

template <class S>
class Task final : public S::Task {
 public:
  // `is_unwanted`: the other side will not have it.
  Task(std::shared_ptr<Life> life, bool is_unwanted)
      : life_(std::move(life)), is_unwanted_(is_unwanted) {}
  ~Task() override {
    if (is_bound_ && ends_ != 1)
      life_->Fail("a task has ended " + std::to_string(ends_) + " times");
  }

  void OnBound() {
    is_bound_ = true;
    ++life_->tasks;
    ++life_->counts().tasks;
  }

  void SayNote() {
    const auto sent = this->SendNote(said_ + 1);
    if (sent) {
      ++said_;
    } else if (!life_->Excuses(sent.error())) {
      life_->FailBecause("a note to a task", sent.error());
    }
  }

  void Ask(std::uint64_t value) {
    this->SendAsk(value, [asked = std::make_shared<Asked>(life_, "a question to a task"), value](
                             boost::system::error_code error, std::uint64_t answer) {
      asked->Complete();
      if (error == baton::Errc::kActorGone) return;  // the other side has deleted it meanwhile
      if (error) return asked->Judge(error);
      if (answer != TaskAnswer(value)) asked->life().Fail("a task's answer is another one's");
    });
  }

  void Delete() {
    const auto sent = this->Send__delete__();
    if (!sent && !life_->Excuses(sent.error())) {
      life_->FailBecause("deleting a task", sent.error());
    }
  }

 private:
  baton::Result<void> RecvNote(std::uint64_t number) override {
    if (number != heard_ + 1) {
      life_->Fail("note " + std::to_string(number) + " to a task came after " +
                  std::to_string(heard_));
    }
    heard_ = number;
    return {};
  }
  void RecvAsk(std::uint64_t value, typename S::Task::AskReplier reply) override {
    reply(TaskAnswer(value));
  }
  void ActorDestroy(baton::ActorDestroyReason reason) override {
    if (++ends_ > 1) life_->Fail("a task has ended twice");
    if (reason == baton::ActorDestroyReason::kAbnormalShutdown && !life_->is_doomed()) {
      life_->Fail("a task has ended abnormally");
    }
    if (reason == baton::ActorDestroyReason::kFailedConstructor && !is_unwanted_) {
      life_->Fail("a task has failed that was wanted");
    }
    --life_->tasks;
    life_->OnChange();
  }

  const std::shared_ptr<Life> life_;
  const bool is_unwanted_;
  bool is_bound_ = false;
  int ends_ = 0;
  std::uint64_t said_ = 0;
  std::uint64_t heard_ = 0;
};

}  // namespace soak
