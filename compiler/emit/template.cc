#include "compiler/emit/template.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include <baton/base/check.h>

namespace batonc {
namespace {

struct Parsed {
  std::string code;
  Template lines;
};

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> Dedent(std::string_view code) {
  std::vector<std::string_view> lines = SplitLines(code);
  const auto blank = [](std::string_view line) { return IndentationOf(line) == line.size(); };
  if (lines.size() > 1 && blank(lines.front())) lines.erase(lines.begin());
  if (lines.size() > 1 && blank(lines.back())) lines.pop_back();
  std::size_t common = std::string_view::npos;
  for (const std::string_view line : lines) {
    if (!blank(line)) common = std::min(common, IndentationOf(line));
  }
  for (std::string_view& line : lines) line.remove_prefix(std::min(common, line.size()));
  return lines;
}

TemplateLine ParseLine(std::string_view line) {
  TemplateLine parsed;
  parsed.indentation = IndentationOf(line);
  line.remove_prefix(parsed.indentation);
  if (line.starts_with("${") && line.find('}') == line.size() - 1) {
    parsed.lonely = line.substr(2, line.size() - 3);
    return parsed;
  }
  for (std::size_t begin = line.find("${"); begin != std::string_view::npos;
       begin = line.find("${")) {
    const std::size_t end = line.find('}', begin);
    BATON_CHECK(end != std::string_view::npos);
    parsed.pieces.push_back({line.substr(0, begin), line.substr(begin + 2, end - begin - 2)});
    line.remove_prefix(end + 1);
  }
  parsed.pieces.push_back({line, {}});
  return parsed;
}

}  // namespace

const Template& TemplateOf(std::string_view code) {
  // By address, which is enough for literals; compared all the same, as other texts come and go.
  thread_local std::unordered_map<const char*, std::vector<std::unique_ptr<Parsed>>> cache;
  std::vector<std::unique_ptr<Parsed>>& known = cache[code.data()];
  for (const auto& parsed : known) {
    if (parsed->code == code) return parsed->lines;
  }
  known.push_back(std::make_unique<Parsed>(Parsed{std::string(code), {}}));
  Parsed& parsed = *known.back();
  for (const std::string_view line : Dedent(parsed.code)) parsed.lines.push_back(ParseLine(line));
  return parsed.lines;
}

}  // namespace batonc
