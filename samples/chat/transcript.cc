#include "transcript.h"

#include <algorithm>
#include <cstdio>

namespace samples::chat {

void Transcript::Title(const std::string& text) {
  std::printf("\n%s\n", text.c_str());
}

void Transcript::Add(const std::string& line) {
  std::printf("  %s\n", line.c_str());
  lines_.push_back(line);
}

bool Transcript::Shows(const std::string& line) const {
  return std::ranges::find(lines_, line) != lines_.end();
}

}  // namespace samples::chat
