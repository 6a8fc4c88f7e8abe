// The child: takes the memory, writes into it, hands it back.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <span>
#include <string>

#include <baton/baton.h>

#include "helloChild.h"

namespace {

class HelloChild final : public samples::PHelloChild {
  void RecvGreet(std::string name, baton::Shmem paper, GreetReplier reply) override {
    const std::string greeting = "hello, " + name;
    if (greeting.size() > paper.size())
      return reply.Reject(make_error_code(std::errc::no_space_on_device));
    std::ranges::copy(std::as_bytes(std::span(greeting)), paper.bytes().begin());
    reply(std::move(paper));  // from here on, touching it faults
  }
};

}  // namespace

int main() {
  boost::asio::io_context io;
  auto endpoint = baton::InheritedEndpoint<samples::PHelloChild>();
  if (!endpoint) {
    std::fprintf(stderr, "hello_child is started by hello\n");
    return 2;
  }
  const auto bound = std::move(*endpoint).Bind(std::make_shared<HelloChild>(), io.get_executor());
  if (!bound) return 1;
  io.run();  // until the parent goes
}
