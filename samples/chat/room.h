// Rooms, and who sits in them, as the server sees it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chatParent.h"

namespace samples::chat {

class Seat;

class Room {
 public:
  void Add(Seat& seat);
  void Remove(const Seat& seat);
  void Say(const Seat& speaker, const std::string& text);

 private:
  std::vector<Seat*> seats_;
};
using Rooms = std::map<std::string, Room>;

// The server's side of one user in one room. It has left the room before it goes away.
class Seat final : public PSeatParent {
 public:
  Seat(std::string user, Room& room) : user_(std::move(user)), room_(room) {}

  const std::string& user() const { return user_; }

 private:
  baton::Result<void> RecvSay(std::string text) override;
  // Whether the user has left, or has died.
  void ActorDestroy(baton::ActorDestroyReason) override { room_.Remove(*this); }

  const std::string user_;
  Room& room_;
};

}  // namespace samples::chat
