// The server's program: plays an evening, prints what everybody noticed, and a summary. Its exit
// code is 0 only if all of it was as it is written in evening.cc.
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "evening.h"

int main() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    std::fprintf(stderr, "chat: %s\n", error.message().c_str());
    return 1;
  }
  boost::asio::io_context io;
  samples::chat::Transcript transcript;
  samples::chat::Server server(io, self.parent_path() / "chat_user", transcript);
  bool is_good = samples::chat::Evening(io, server, transcript).Play();
  for (const auto& [name, user] : server.users()) {
    is_good = user->HasEndedWell() && is_good;
  }
  std::printf("\nchat: %zu lines, %zu users at the end, one crash: %s\n", transcript.size(),
              server.users().size(), is_good ? "all as expected" : "NOT as expected");
  return is_good ? 0 : 1;
}
