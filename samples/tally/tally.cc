// The parent: makes the board, has the child count on it, and counts there itself meanwhile.
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <baton/baton.h>

#include "board.h"
#include "tallyParent.h"

namespace {

constexpr std::string_view kOurs = "one runner takes the baton and runs the first round";
constexpr std::string_view kTheirs = "the next runner takes the baton and runs the last round";
constexpr std::uint32_t kRounds = 3'000;  // for longer than it takes to start a process

class TallyParent final : public samples::PTallyParent {};

int Fail(const std::error_code& error) {
  std::fprintf(stderr, "tally: %s\n", error.message().c_str());
  return 1;
}

int Print(samples::Board& board) {
  const auto words = board.Read();
  if (!words) return Fail(words.error());
  for (const auto& [word, count] : *words) std::printf("%6u  %s\n", count, word.c_str());
  return 0;
}

}  // namespace

int main() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Fail(error);
  auto child =
      baton::Launch<samples::PTallyParent>({.program = self.parent_path() / "tally_child"});
  if (!child) return Fail(child.error());

  boost::asio::io_context io;
  const auto tally = std::make_shared<TallyParent>();
  const auto bound = std::move(child->endpoint).Bind(tally, io.get_executor());
  if (!bound) return Fail(bound.error());
  const auto memory = tally->AllocUnsafeShmem(samples::Board::kSize);
  if (!memory) return Fail(memory.error());
  auto board = samples::Board::Make(*memory);
  if (!board) return Fail(board.error());

  std::error_code refused = make_error_code(baton::Errc::kPeerDied);
  tally->SendCount(*memory, std::string(kTheirs), kRounds,
                   [&](boost::system::error_code failed, auto) {
                     refused = failed;
                     tally->Close();  // else run() would not return
                   });
  const auto counted = board->Count(kOurs, kRounds);  // meanwhile
  if (!counted) return Fail(counted.error());
  io.run();
  (void)child->process.Wait(std::chrono::seconds(2));
  return refused ? Fail(refused) : Print(*board);
}
