// A user: does what the server says, and has friends of whom the server knows nothing.
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <baton/baton.h>

#include "chatChild.h"
#include "friends.h"

namespace samples::chat {
namespace {

using baton::Endpoint;
using baton::Result;

class Me final : public PUserChild {
 public:
  explicit Me(boost::asio::io_context& io)
      : friends_(io, [this](const std::string& what) { Notice(what); }) {}

  // The server may have gone.
  void Notice(const std::string& what) { (void)SendNoticed(what); }

 private:
  // A place in a room.
  class MySeat final : public PSeatChild {
   public:
    MySeat(std::string room, Me& me) : room_(std::move(room)), me_(me) {}

   private:
    Result<void> RecvCame(std::string who) override {
      me_.Notice("sees " + who + " come into the " + room_);
      return {};
    }
    Result<void> RecvHeard(std::string who, std::string text) override {
      me_.Notice("hears " + who + " in the " + room_ + ": " + text);
      return {};
    }
    Result<void> RecvWent(std::string who) override {
      me_.Notice("sees " + who + " leave the " + room_);
      return {};
    }

    const std::string room_;
    Me& me_;
  };

  Result<void> RecvEnter(std::string room) override {
    const auto seat = std::make_shared<MySeat>(room, *this);
    seats_[room] = seat;
    return SendPSeatConstructor(seat, room);
  }
  Result<void> RecvSay(std::string room, std::string text) override {
    return seats_.at(room)->SendSay(text);
  }
  Result<void> RecvLeave(std::string room) override {
    return seats_.extract(room).mapped()->Send__delete__();
  }

  Result<void> RecvMeet(std::string whom, Endpoint<PTalkParent> talk) override {
    return friends_.Add(whom, std::move(talk));
  }
  Result<void> RecvJoin(std::string whom, Endpoint<PTalkChild> talk) override {
    return friends_.Add(whom, std::move(talk));
  }
  Result<void> RecvWhisper(std::string to, std::string text) override {
    return friends_.Whisper(to, text);
  }
  Result<void> RecvMakeKnown(std::string one, std::string other) override {
    return friends_.MakeKnown(one, other);
  }

  Result<void> RecvCrash() override {
    (void)std::raise(SIGKILL);
    return {};
  }

  void ActorDestroy(baton::ActorDestroyReason) override { friends_.CloseAll(); }

  Friends friends_;
  std::map<std::string, std::shared_ptr<PSeatChild>> seats_;
};

}  // namespace
}  // namespace samples::chat

int main() {
  boost::asio::io_context io;
  auto endpoint = baton::InheritedEndpoint<samples::PUserChild>();
  if (!endpoint) {
    std::fprintf(stderr, "chat_user is started by chat\n");
    return 2;
  }
  const auto me = std::make_shared<samples::chat::Me>(io);
  const auto bound = std::move(*endpoint).Bind(me, io.get_executor());
  if (!bound) return 1;
  io.run();  // until the server has gone, and all friends
}
