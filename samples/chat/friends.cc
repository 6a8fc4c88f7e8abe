#include "friends.h"

#include "labels.h"

namespace samples::chat {
namespace {

using baton::ActorDestroyReason;
using baton::Endpoint;
using baton::Result;

// Both sides of a talk do the same; `Base` is PTalkParent or PTalkChild.
template <class Base>
class Talk final : public Base, public Friend {
 public:
  Talk(std::string with, Friends& friends) : with_(std::move(with)), friends_(friends) {}

  const baton::Actor& actor() const override { return *this; }
  Result<void> Whisper(const std::string& text) override { return this->SendWhisper(text); }
  Result<void> Meet(const std::string& whom, Endpoint<PTalkParent> talk) override {
    return this->SendMeet(whom, std::move(talk));
  }
  Result<void> Join(const std::string& whom, Endpoint<PTalkChild> talk) override {
    return this->SendJoin(whom, std::move(talk));
  }
  void Close() override { Base::Close(); }

 private:
  Result<void> RecvWhisper(std::string text) override {
    friends_.Notice("is told by " + with_ + ": " + text);
    return {};
  }
  Result<void> RecvMeet(std::string whom, Endpoint<PTalkParent> talk) override {
    return friends_.Add(whom, std::move(talk));
  }
  Result<void> RecvJoin(std::string whom, Endpoint<PTalkChild> talk) override {
    return friends_.Add(whom, std::move(talk));
  }

  void ActorDestroy(ActorDestroyReason reason) override {
    const bool was_proper = reason == ActorDestroyReason::kNormalShutdown;
    friends_.Notice(was_proper ? "is left by " + with_ : "has lost " + with_);
    friends_.Remove(with_);
  }

  const std::string with_;
  Friends& friends_;
};

}  // namespace

template <class Talk, class Base>
Result<void> Friends::AddAs(const std::string& name, Endpoint<Base> talk) {
  const auto added = std::make_shared<Talk>(name, *this);
  BATON_CHECKED(std::move(talk).Bind(added, io_.get_executor()));
  friends_[name] = added;
  notice_("knows " + name + (added->trust_label() == kUser ? ", a user" : ", a stranger"));
  return {};
}

Result<void> Friends::Add(const std::string& name, Endpoint<PTalkParent> talk) {
  return AddAs<Talk<PTalkParent>>(name, std::move(talk));
}

Result<void> Friends::Add(const std::string& name, Endpoint<PTalkChild> talk) {
  return AddAs<Talk<PTalkChild>>(name, std::move(talk));
}

Result<void> Friends::Whisper(const std::string& to, const std::string& text) {
  return friends_.at(to)->Whisper(text);
}

Result<void> Friends::MakeKnown(const std::string& one, const std::string& other) {
  Friend& first = *friends_.at(one);
  Friend& second = *friends_.at(other);
  BATON_TRY(auto ends, (baton::CreateEndpointsBetween<PTalkParent, PTalkChild>(first.actor(),
                                                                               second.actor())));
  BATON_CHECKED(first.Meet(other, std::move(ends.first)));
  return second.Join(one, std::move(ends.second));
}

void Friends::CloseAll() {
  for (const auto& [name, one] : friends_) one->Close();
}

}  // namespace samples::chat
