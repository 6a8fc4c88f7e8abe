// The server: launches the users, has the rooms, and makes users known to each other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <baton/baton.h>

#include "chatParent.h"
#include "room.h"
#include "transcript.h"

namespace samples::chat {

// The server's side of a user.
class User final : public PUserParent {
 public:
  User(std::string name, baton::Process process, Rooms& rooms, Transcript& transcript)
      : name_(std::move(name)),
        process_(std::move(process)),
        rooms_(rooms),
        transcript_(transcript) {}

  const std::string& name() const { return name_; }
  bool is_gone() const { return is_gone_; }
  // After Close: lets it end by itself.
  bool HasEndedWell();

 private:
  std::shared_ptr<PSeatParent> AllocPSeatParent(const std::string& room) override;
  baton::Result<void> RecvPSeatConstructor(PSeatParent& seat, std::string room) override;
  baton::Result<void> RecvNoticed(std::string what) override;
  void ActorDestroy(baton::ActorDestroyReason reason) override;

  const std::string name_;
  baton::Process process_;
  Rooms& rooms_;
  Transcript& transcript_;
  bool is_gone_ = false;
};

class Server {
 public:
  Server(boost::asio::io_context& io, std::string user_program, Transcript& transcript)
      : io_(io), user_program_(std::move(user_program)), transcript_(transcript) {}

  // A new process for a user of that name, who may have been here before.
  baton::Result<void> Launch(const std::string& name);
  User& operator[](const std::string& name) { return *users_.at(name); }
  const std::map<std::string, std::shared_ptr<User>>& users() const { return users_; }

  // Gives each of them one end of a channel of their own.
  baton::Result<void> MakeKnown(User& one, User& other);

 private:
  boost::asio::io_context& io_;
  const std::string user_program_;
  Transcript& transcript_;
  Rooms rooms_;
  std::map<std::string, std::shared_ptr<User>> users_;
};

}  // namespace samples::chat
