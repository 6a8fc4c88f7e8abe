// A program that runs beside the test: what it prints can be read line by line, and it is told by
// signals, or by the end of its standard input, to end.
#pragma once

#include <string>
#include <vector>

#include <baton/platform/handle.h>

namespace memtrack_test {

class Started {
 public:
  // Fails the test if it cannot be started.
  Started(const std::string& program, const std::vector<std::string>& arguments);
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started();  // kills what still runs

  int pid() const { return pid_; }

  // The next line of its standard output, without its end; empty once that is closed.
  std::string NextLine();

  void Signal(int signal) const;

  // Waits for its end: the exit code, or 128 and the signal that ended it.
  int AwaitEnd();

 private:
  int pid_ = -1;
  bool has_ended_ = false;
  baton::platform::Handle input_;
  baton::platform::Handle output_;
};

}  // namespace memtrack_test
