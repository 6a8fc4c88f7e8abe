#include "tools/memtrack/top/picture.h"

namespace memtrack::top {

std::string TextOf(const Picture& picture) {
  std::string text;
  for (const Line& line : picture.lines) {
    std::string whole;
    for (const Span& span : line) whole += span.text;
    whole.erase(whole.find_last_not_of(' ') + 1);
    text += whole + "\n";
  }
  return text;
}

}  // namespace memtrack::top
