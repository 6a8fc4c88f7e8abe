// A terminal of a size of our own, with a program in it, that can be looked at and typed into.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/golden.h"
#include "tests/support/run_program.h"
#include "tests/support/scratch_folder.h"

namespace memtrack_test {

inline constexpr const char* kTmux = "/usr/bin/tmux";

inline bool HasTmux() {
  return ::access(kTmux, X_OK) == 0;
}

// One server by itself, which ends with this. All fails the test when it does not work.
class Tmux {
 public:
  // `script` is for sh, with `arguments` as $0, $1, ...
  Tmux(int width, int height, const std::string& script,
       const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {
        "new-session", "-d", "-x",  std::to_string(width), "-y", std::to_string(height),
        "/bin/sh",     "-c", script};
    words.insert(words.end(), arguments.begin(), arguments.end());
    Run(words);
  }
  Tmux(const Tmux&) = delete;
  Tmux& operator=(const Tmux&) = delete;
  ~Tmux() { (void)baton::testing::RunProgram(Command({"kill-server"})); }

  void Keys(std::vector<std::string> keys) {
    keys.insert(keys.begin(), "send-keys");
    Run(std::move(keys));
  }

  void Resize(int width, int height) {
    Run({"resize-window", "-x", std::to_string(width), "-y", std::to_string(height)});
  }

  // `format` as tmux has it: "#{pane_pid}".
  std::string Ask(const std::string& format) {
    std::string answer = Run({"display-message", "-p", format});
    answer.erase(answer.find_last_not_of('\n') + 1);
    return answer;
  }

  std::string Screen() { return Run({"capture-pane", "-p"}); }

  // Looks until `is_right` is true of the screen, which is kept in a file of that name, also when
  // that never comes true.
  std::string Await(const std::string& name,
                    const std::function<bool(const std::string& screen)>& is_right) {
    const auto deadline = std::chrono::steady_clock::now() + baton::testing::kPatience;
    for (;;) {
      std::string screen = Screen();
      const bool is_late = std::chrono::steady_clock::now() > deadline;
      const bool is_there = is_right(screen);
      if (is_there || is_late) std::ofstream(TOP_SCREENS "/" + name + ".txt") << screen;
      if (is_there) return screen;
      if (is_late) FAIL("the screen `" << name << "` has not come; there is:\n" << screen);
      std::this_thread::yield();
    }
  }

 private:
  baton::testing::ProgramRun Command(std::vector<std::string> words) const {
    std::vector<std::string> arguments = {"-u", "-f", "/dev/null", "-S",
                                          (folder_.path() / "socket").string()};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return {.program = kTmux,
            .arguments = std::move(arguments),
            .environment = {"LC_ALL=C.UTF-8", "TERM=xterm-256color", "TMUX="}};
  }

  std::string Run(std::vector<std::string> words) {
    const auto end = baton::testing::RunProgram(Command(words));
    INFO("tmux " << words.front() << ": " << end.errors);
    REQUIRE(end.exit_code == 0);
    return end.output;
  }

  baton::testing::ScratchFolder folder_;
};

}  // namespace memtrack_test
