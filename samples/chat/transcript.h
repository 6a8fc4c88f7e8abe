// What has happened, line by line, as it is printed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace samples::chat {

class Transcript {
 public:
  // A line above what follows.
  void Title(const std::string& text);
  void Add(const std::string& line);

  bool Shows(const std::string& line) const;
  std::size_t size() const { return lines_.size(); }

 private:
  std::vector<std::string> lines_;
};

}  // namespace samples::chat
