#include "tests/memtrack/serve/started.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>

namespace memtrack_test {
namespace {

using baton::platform::Handle;

struct Pipe {
  Handle read;
  Handle write;

  static Pipe Make() {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    return {Handle(ends[0]), Handle(ends[1])};
  }
};

}  // namespace

Started::Started(const std::string& program, const std::vector<std::string>& arguments) {
  Pipe input = Pipe::Make();
  Pipe output = Pipe::Make();
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  REQUIRE(::posix_spawn_file_actions_init(&actions) == 0);
  ::posix_spawn_file_actions_adddup2(&actions, input.read.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output.write.get(), STDOUT_FILENO);
  const int error =
      ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) FAIL("cannot start " << program << ": " << std::strerror(error));
  input_ = std::move(input.write);
  output_ = std::move(output.read);
}

Started::~Started() {
  if (has_ended_) return;
  (void)::kill(pid_, SIGKILL);
  (void)::waitpid(pid_, nullptr, 0);
}

std::string Started::NextLine() {
  std::string line;
  for (char c = 0; ::read(output_.get(), &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

void Started::Signal(int signal) const {
  REQUIRE(::kill(pid_, signal) == 0);
}

int Started::AwaitEnd() {
  input_ = Handle();
  int status = 0;
  REQUIRE(::waitpid(pid_, &status, 0) == pid_);
  has_ended_ = true;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace memtrack_test
