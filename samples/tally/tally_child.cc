// The child: counts what it is given, on a board that its parent writes at the same time.
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include <baton/baton.h>

#include "board.h"
#include "tallyChild.h"

namespace {

class TallyChild final : public samples::PTallyChild {
  void RecvCount(baton::UnsafeShmem memory, std::string text, std::uint32_t rounds,
                 CountReplier reply) override {
    auto board = samples::Board::Open(memory);
    if (!board) return reply.Reject(board.error());
    const auto counted = board->Count(text, rounds);
    if (!counted) return reply.Reject(counted.error());
    reply({});
  }
};

}  // namespace

int main() {
  boost::asio::io_context io;
  auto endpoint = baton::InheritedEndpoint<samples::PTallyChild>();
  if (!endpoint) {
    std::fprintf(stderr, "tally_child is started by tally\n");
    return 2;
  }
  const auto bound = std::move(*endpoint).Bind(std::make_shared<TallyChild>(), io.get_executor());
  if (!bound) return 1;
  io.run();  // until the parent goes
}
