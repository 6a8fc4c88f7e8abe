#include "compiler/emit/printer.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <baton/base/check.h>

#include "compiler/emit/template.h"

namespace batonc {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::string_view kOpening = "({[<";
constexpr std::string_view kClosing = ")}]>";

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

// Finds the fillings of slots by name, and remembers which were asked for.
class Printer::Filler {
 public:
  explicit Filler(Slots slots) : slots_(slots) { BATON_CHECK(slots.size() <= 64); }

  const std::variant<std::string_view, Block>& Of(std::string_view name) {
    const auto* const slot = std::ranges::find(slots_, name, &Slot::name);
    BATON_CHECK(slot != slots_.end());
    used_ |= std::uint64_t{1} << (slot - slots_.begin());
    return slot->filling;
  }

  std::string_view TextOf(std::string_view name) {
    const auto* const text = std::get_if<std::string_view>(&Of(name));
    BATON_CHECK(text != nullptr);  // a block stands alone on its line, and so do several lines
    BATON_CHECK(text->find('\n') == std::string_view::npos);
    return *text;
  }

  bool AllUsed() const {
    const std::size_t count = slots_.size();
    return count == 0 || used_ == ~std::uint64_t{0} >> (64 - count);
  }

 private:
  Slots slots_;
  std::uint64_t used_ = 0;
};

void Printer::Emit(Slots slots, std::string_view code) {
  Filler filler(slots);
  for (const TemplateLine& line : TemplateOf(code)) {
    const std::size_t outer = indentation_;
    if (line.lonely.empty()) {
      line_.assign(line.indentation, ' ');
      for (const TemplatePiece& piece : line.pieces) {
        line_ += piece.text;
        if (!piece.slot.empty()) line_ += filler.TextOf(piece.slot);
      }
      WriteLine(line_);
      continue;
    }
    indentation_ += line.indentation;
    const auto& filling = filler.Of(line.lonely);
    if (const auto* text = std::get_if<std::string_view>(&filling)) {
      WriteText(*text);
    } else {
      std::get<Block>(filling)();
    }
    indentation_ = outer;
  }
  BATON_CHECK(filler.AllUsed());
}

std::string Printer::Take() {
  blank_pending_ = false;
  after_opening_ = false;
  return std::exchange(out_, {});
}

void Printer::WriteText(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    WriteLine(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
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
  after_opening_ = line.back() == '{' && !line.starts_with("namespace");
  WriteCode(line.substr(0, line.find_last_not_of(' ') + 1));
}

void Printer::WriteCode(std::string_view line) {
  const std::size_t begin = IndentationOf(line);
  std::size_t indentation = indentation_ + begin;
  std::string_view rest = line.substr(begin);
  const auto write = [&](std::string_view text) {
    out_.append(indentation, ' ').append(text) += '\n';
  };
  const bool breakable = !rest.starts_with("//") && !rest.starts_with('#');
  while (breakable && indentation < kColumns && indentation + rest.size() > kColumns) {
    const std::size_t at = BreakOf(rest, kColumns - indentation);
    if (at == 0) break;
    write(rest.substr(0, at));
    rest.remove_prefix(at);
    rest.remove_prefix(IndentationOf(rest));
    indentation = indentation_ + begin + 4;
  }
  write(rest);
}

}  // namespace batonc
