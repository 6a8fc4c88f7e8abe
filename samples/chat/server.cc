#include "server.h"

#include <chrono>

#include "chatChild.h"
#include "labels.h"

namespace samples::chat {

using baton::ActorDestroyReason;
using baton::Result;

std::shared_ptr<PSeatParent> User::AllocPSeatParent(const std::string& room) {
  return std::make_shared<Seat>(name_, rooms_[room]);
}

Result<void> User::RecvPSeatConstructor(PSeatParent& seat, std::string room) {
  transcript_.Add(name_ + " enters the " + room);
  rooms_[room].Add(static_cast<Seat&>(seat));
  return {};
}

Result<void> User::RecvNoticed(std::string what) {
  transcript_.Add(name_ + " " + what);
  return {};
}

void User::ActorDestroy(ActorDestroyReason reason) {
  is_gone_ = true;
  const bool was_proper = reason == ActorDestroyReason::kNormalShutdown;
  transcript_.Add(name_ + (was_proper ? " goes home" : " is gone, without a goodbye"));
}

bool User::HasEndedWell() {
  const auto status = process_.Wait(std::chrono::seconds(2));
  return status && *status && (*status)->code == 0 && (*status)->signal == 0;
}

Result<void> Server::Launch(const std::string& name) {
  BATON_TRY(auto launched,
            baton::Launch<PUserParent>({.program = user_program_, .arguments = {name}}));
  const auto user = std::make_shared<User>(name, std::move(launched.process), rooms_, transcript_);
  BATON_CHECKED(std::move(launched.endpoint).Bind(user, io_.get_executor()));
  users_[name] = user;
  return {};
}

Result<void> Server::MakeKnown(User& one, User& other) {
  // Each end watches the process that gets the other one.
  BATON_TRY(auto ends, (baton::CreateEndpointsBetween<PTalkParent, PTalkChild>(one, other)));
  ends.first.set_trust_label(kUser);
  ends.second.set_trust_label(kUser);
  BATON_CHECKED(one.SendMeet(other.name(), std::move(ends.first)));
  return other.SendJoin(one.name(), std::move(ends.second));
}

}  // namespace samples::chat
