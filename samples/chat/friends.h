// Whom a user can talk to directly.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <baton/baton.h>

#include "chatChild.h"
#include "chatParent.h"

namespace samples::chat {

// One end of a talk, whichever.
class Friend {
 public:
  virtual ~Friend() = default;
  virtual const baton::Actor& actor() const = 0;
  virtual baton::Result<void> Whisper(const std::string& text) = 0;
  virtual baton::Result<void> Meet(const std::string& whom, baton::Endpoint<PTalkParent> talk) = 0;
  virtual baton::Result<void> Join(const std::string& whom, baton::Endpoint<PTalkChild> talk) = 0;
  virtual void Close() = 0;
};

class Friends {
 public:
  // `notice` is told what happens, for the transcript.
  Friends(boost::asio::io_context& io, std::function<void(const std::string&)> notice)
      : io_(io), notice_(std::move(notice)) {}

  baton::Result<void> Add(const std::string& name, baton::Endpoint<PTalkParent> talk);
  baton::Result<void> Add(const std::string& name, baton::Endpoint<PTalkChild> talk);
  void Remove(const std::string& name) { friends_.erase(name); }

  baton::Result<void> Whisper(const std::string& to, const std::string& text);
  // Two friends of ours, between whom there is a channel from now on.
  baton::Result<void> MakeKnown(const std::string& one, const std::string& other);

  void Notice(const std::string& what) { notice_(what); }
  void CloseAll();

 private:
  template <class Talk, class Base>
  baton::Result<void> AddAs(const std::string& name, baton::Endpoint<Base> talk);

  boost::asio::io_context& io_;
  const std::function<void(const std::string&)> notice_;
  std::map<std::string, std::shared_ptr<Friend>> friends_;
};

}  // namespace samples::chat
