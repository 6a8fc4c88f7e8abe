// The play: who comes, who says what to whom, who crashes, and what everybody must have noticed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include <baton/baton.h>

#include "server.h"
#include "transcript.h"

namespace samples::chat {

class Evening {
 public:
  Evening(boost::asio::io_context& io, Server& server, Transcript& transcript)
      : io_(io), server_(server), transcript_(transcript) {}

  // False when something did not happen as it is written; then it says what.
  bool Play();

 private:
  // In this order.
  bool Arrivals();
  bool Introductions();
  bool ACrash();
  bool Departures();

  using Act = std::function<baton::Result<void>()>;

  // Does that, and goes on until the transcript shows all of these.
  bool Scene(const std::string& title, const Act& act, const std::vector<std::string>& until);

  boost::asio::io_context& io_;
  Server& server_;
  Transcript& transcript_;
};

}  // namespace samples::chat
