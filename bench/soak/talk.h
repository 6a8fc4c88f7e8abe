// Two children that have got to know each other. Each says a few notes and lends some memory; then
// the parent's side closes. Either may be gone at any moment.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>

#include "bench/soak/life.h"
#include "soakChild.h"
#include "soakParent.h"

namespace soak {

// `Base` is PTalkParent or PTalkChild.
template <class Base>
class Talk : public Base {
 public:
  // `on_end` is told once, in ActorDestroy, what was wrong; nothing when it was left in good order.
  Talk(std::uint64_t number, std::shared_ptr<Life> life, std::function<void(std::string)> on_end)
      : number_(number), life_(std::move(life)), on_end_(std::move(on_end)) {}

  // After Bind.
  void Begin();

 protected:
  // The memory is back.
  virtual void OnAnswered() = 0;

  std::uint64_t notes() const { return 1 + number_ % 5; }
  std::uint64_t heard() const { return heard_; }
  Life& life() { return *life_; }
  void Check(const baton::Result<void>& sent);

 private:
  void Lend();
  baton::Result<void> RecvNote(std::uint64_t number, std::vector<std::byte> content,
                               std::uint64_t hash) override;
  void RecvLend(std::uint64_t after, baton::Shmem memory, std::uint64_t hash,
                typename Base::LendReplier reply) override;
  void ActorDestroy(baton::ActorDestroyReason reason) override;

  const std::uint64_t number_;
  const std::shared_ptr<Life> life_;
  const std::function<void(std::string)> on_end_;
  std::uint64_t heard_ = 0;
  int ends_ = 0;
};

class TalkOfParent final : public Talk<PTalkParent> {
 public:
  using Talk::Talk;

 private:
  void OnAnswered() override;
  baton::Result<void> RecvDone() override;
  void CloseWhenDone();

  bool is_answered_ = false;
  bool other_is_done_ = false;
};

class TalkOfChild final : public Talk<PTalkChild> {
 public:
  using Talk::Talk;

 private:
  void OnAnswered() override { Check(SendDone()); }
};

}  // namespace soak
