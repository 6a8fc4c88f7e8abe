#include "tests/support/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include <baton/platform/handle.h>

namespace baton::testing {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// Without a name, so that nothing stays behind; closed in whatever is started.
File AnonymousFile() {
  File file(std::tmpfile(), &std::fclose);
  REQUIRE(file != nullptr);
  REQUIRE(fcntl(fileno(file.get()), F_SETFD, FD_CLOEXEC) == 0);
  return file;
}

std::string Content(const File& file) {
  std::string content;
  char buffer[4096];
  std::rewind(file.get());
  while (const std::size_t count = std::fread(buffer, 1, sizeof(buffer), file.get())) {
    content.append(buffer, count);
  }
  return content;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& one : strings) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view variable = *one;
    const std::string_view name = variable.substr(0, variable.find('=') + 1);
    bool replaced = false;
    for (const std::string& other : added) replaced = replaced || other.starts_with(name);
    if (!replaced) all.emplace_back(variable);
  }
  return all;
}

pid_t Start(const ProgramRun& run, const File& output, const File& errors) {
  std::vector<std::string> arguments = {run.program};
  arguments.insert(arguments.end(), run.arguments.begin(), run.arguments.end());
  std::vector<std::string> environment = Environment(run.environment);

  posix_spawn_file_actions_t actions;
  REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(output.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(errors.get()), STDERR_FILENO);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, run.program.c_str(), &actions, nullptr,
                                Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) FAIL("cannot start " << run.program << ": " << std::strerror(error));
  return pid;
}

bool EndsWithin(pid_t pid, std::chrono::milliseconds patience) {
  const platform::Handle pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  REQUIRE(pidfd);
  pollfd death = {pidfd.get(), POLLIN, 0};
  return poll(&death, 1, static_cast<int>(patience.count())) == 1;
}

}  // namespace

ProgramEnd RunProgram(const ProgramRun& run) {
  const File output = AnonymousFile(), errors = AnonymousFile();
  const pid_t pid = Start(run, output, errors);

  ProgramEnd end;
  end.hung = !EndsWithin(pid, run.patience);
  if (end.hung) kill(pid, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  end.output = Content(output);
  end.errors = Content(errors);
  return end;
}

ProgramEnd RunTestOfThisProgram(const std::string& test_name) {
  return RunProgram({"/proc/self/exe", {test_name}});
}

}  // namespace baton::testing
