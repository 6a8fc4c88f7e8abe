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
constexpr int kRounds = 500;

class TallyParent final : public samples::PTallyParent {};

int Fail(const std::error_code& error) {
  std::fprintf(stderr, "tally: %s\n", error.message().c_str());
  return 1;
}

std::string ManyTimes(std::string_view text) {
  std::string all;
  for (int round = 0; round < kRounds; ++round) all.append(text).append(" ");
  return all;
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

  int exit_code = 1;
  tally->SendCount(*memory, ManyTimes(kTheirs),
                   [&](boost::system::error_code failed, std::uint32_t) {
                     exit_code = failed ? Fail(failed) : Print(*board);
                     tally->Close();  // else run() would not return
                   });
  io.poll();  // the question is on its way
  const auto counted = board->Count(ManyTimes(kOurs));
  if (!counted) return Fail(counted.error());
  io.run();
  (void)child->process.Wait(std::chrono::seconds(2));
  return exit_code;
}
