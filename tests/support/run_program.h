// Runs a program to its end and keeps what it said.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/patience.h"

namespace baton::testing {

struct ProgramRun {
  std::string program;                 // path; no search
  std::vector<std::string> arguments;  // without the program's own name
  // Added to (or replacing) this process's environment, as NAME=value.
  std::vector<std::string> environment = {};
  std::chrono::milliseconds patience = 2 * kPatience;
};

struct ProgramEnd {
  int exit_code = 0;  // when it ended by itself
  int signal = 0;     // the signal that ended it, else 0
  bool hung = false;  // it was still running after `patience` and was killed
  std::string output;
  std::string errors;
};

// Fails the test when the program cannot be started. Standard input is empty.
ProgramEnd RunProgram(const ProgramRun& run);

// Runs one test of this very program, hidden or not, as a process of its own.
ProgramEnd RunTestOfThisProgram(const std::string& test_name);

}  // namespace baton::testing
