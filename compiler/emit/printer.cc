#include "compiler/emit/printer.h"

#include <algorithm>
#include <limits>
#include <set>

#include <baton/base/check.h>

namespace batonc {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::string_view kOpening = "({[<";
constexpr std::string_view kClosing = ")}]>";

std::size_t IndentationOf(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

// The template without the line breaks beside its quotes and without its common indentation.
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

// Finds the fillings of slots by name, and remembers which were asked for.
class Filling {
 public:
  explicit Filling(const std::vector<Printer::Slot>& slots) : slots_(slots) {}

  const std::variant<std::string, Printer::Block>& Of(std::string_view name) {
    const auto slot = std::ranges::find(slots_, name, &Printer::Slot::first);
    BATON_CHECK(slot != slots_.end());
    used_.insert(name);
    return slot->second;
  }

  // `line` with the text of each slot in its place.
  std::string Fill(std::string_view line) {
    std::string filled;
    for (std::size_t begin = line.find("${"); begin != std::string_view::npos;
         begin = line.find("${")) {
      const std::size_t end = line.find('}', begin);
      BATON_CHECK(end != std::string_view::npos);
      const auto* text = std::get_if<std::string>(&Of(line.substr(begin + 2, end - begin - 2)));
      BATON_CHECK(text != nullptr);  // a block stands alone on its line, and so do several lines
      BATON_CHECK(text->find('\n') == std::string::npos);
      filled += line.substr(0, begin);
      filled += *text;
      line.remove_prefix(end + 1);
    }
    return filled.append(line);
  }

  bool AllUsed() const {
    return std::ranges::all_of(slots_,
                               [&](const auto& slot) { return used_.contains(slot.first); });
  }

 private:
  const std::vector<Printer::Slot>& slots_;
  std::set<std::string_view> used_;
};

// The name of the slot that is all there is on `line`, or nothing.
std::string_view LonelySlot(std::string_view line) {
  line.remove_prefix(IndentationOf(line));
  if (!line.starts_with("${") || line.find('}') != line.size() - 1) return {};
  return line.substr(2, line.size() - 3);
}

// Where `line` is best broken so that its head fits into `room` columns: behind the last comma of
// those that are least nested, else behind the last opening parenthesis or brace, else nowhere.
std::size_t BreakOf(std::string_view line, std::size_t room) {
  std::size_t comma = 0;
  std::size_t opening = 0;
  int depth = 0;
  int comma_depth = std::numeric_limits<int>::max();
  bool quoted = false;
  for (std::size_t i = 0; i < std::min(line.size(), room); ++i) {
    const char character = line[i];
    if (character == '"') quoted = !quoted;
    if (quoted) {
      if (character == '\\') ++i;
      continue;
    }
    if (kOpening.find(character) != kOpening.npos) ++depth;
    if (kClosing.find(character) != kClosing.npos) --depth;
    if (character == '(' || character == '{') opening = i + 1;
    if (character == ',' && i + 1 < line.size() && depth <= comma_depth) {
      comma = i + 1;
      comma_depth = depth;
    }
  }
  return comma != 0 ? comma : opening;
}

}  // namespace

void Printer::Emit(const std::vector<Slot>& slots, std::string_view code) {
  Filling filling(slots);
  for (const std::string_view line : Dedent(code)) {
    const std::string_view lonely = LonelySlot(line);
    if (lonely.empty()) {
      WriteLine(filling.Fill(line));
      continue;
    }
    const std::string outer = indentation_;
    indentation_.append(IndentationOf(line), ' ');
    const auto& slot = filling.Of(lonely);
    if (const auto* text = std::get_if<std::string>(&slot)) {
      if (!text->empty()) std::ranges::for_each(SplitLines(*text), [&](auto l) { WriteLine(l); });
    } else {
      std::get<Block>(slot)();
    }
    indentation_ = outer;
  }
  BATON_CHECK(filling.AllUsed());
}

std::string Printer::Take() {
  blank_pending_ = false;
  after_opening_ = false;
  return std::exchange(out_, {});
}

void Printer::WriteLine(std::string_view line) {
  const std::size_t begin = IndentationOf(line);
  if (begin == line.size()) {
    blank_pending_ = true;
    return;
  }
  const bool closes = line[begin] == '}' && line.find("// namespace") == std::string_view::npos;
  const bool blank = std::exchange(blank_pending_, false) && !out_.empty();
  if (blank && !closes && !after_opening_) out_ += '\n';
  after_opening_ = line.ends_with('{') && !line.starts_with("namespace");
  WriteCode(indentation_ + std::string(line.substr(0, line.find_last_not_of(' ') + 1)));
}

void Printer::WriteCode(std::string_view line) {
  const std::size_t begin = IndentationOf(line);
  std::string indentation(begin, ' ');
  std::string_view rest = line.substr(begin);
  const bool breakable = !rest.starts_with("//") && !rest.starts_with('#');
  while (breakable && indentation.size() < kColumns &&
         indentation.size() + rest.size() > kColumns) {
    const std::size_t at = BreakOf(rest, kColumns - indentation.size());
    if (at == 0) break;
    out_.append(indentation).append(rest.substr(0, at)) += '\n';
    rest.remove_prefix(at);
    rest.remove_prefix(IndentationOf(rest));
    indentation.assign(begin + 4, ' ');
  }
  out_.append(indentation).append(rest) += '\n';
}

}  // namespace batonc
