// A page of the documentation, held to what programs print.
#pragma once

#include <functional>
#include <optional>
#include <sstream>
#include <string>

namespace baton::testing {

// `page` with what stands below each line `$ ...` replaced by what `output_of` says of that line,
// which is given without the dollar sign; nothing: it is left as it stands.
inline std::string WithTrueOutput(
    const std::string& page,
    const std::function<std::optional<std::string>(const std::string& command)>& output_of) {
  std::istringstream lines(page);
  std::string text;
  bool is_output = false;
  for (std::string line; std::getline(lines, line);) {
    const bool is_command = line.starts_with("$ ");
    if (line.starts_with("```") || is_command) is_output = false;
    if (!is_output) text += line + "\n";
    const auto output = is_command ? output_of(line.substr(2)) : std::nullopt;
    if (!output) continue;
    is_output = true;
    text += *output;
  }
  return text;
}

}  // namespace baton::testing
