// When a process wakes up by itself, as the kernel knows it.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace baton::testing {

// The seconds until the first timer of the process fires (proc(5), fdinfo of a timerfd). Asio has
// one that fires every five minutes, to look at the clock, once the process has used any.
inline long SecondsToTimer(int process) {
  namespace fs = std::filesystem;
  long first = std::numeric_limits<long>::max();
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(process) + "/fdinfo")) {
    std::ifstream info(entry.path());
    for (std::string line; std::getline(info, line);) {
      if (!line.starts_with("it_value: (") || line == "it_value: (0, 0)") continue;
      first = std::min(first, std::stol(line.substr(11)));
    }
  }
  return first;
}

}  // namespace baton::testing
