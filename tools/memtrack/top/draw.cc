#include "tools/memtrack/top/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "tools/memtrack/model/words.h"
#include "tools/memtrack/top/help.h"
#include "tools/memtrack/top/layout.h"
#include "tools/memtrack/top/listing.h"
#include "tools/memtrack/top/screen_text.h"
#include "tools/memtrack/top/sparkline.h"
#include "tools/memtrack/view/verdict_text.h"

namespace memtrack::top {
namespace {

constexpr std::size_t kMostDetailLines = 6;  // below the list of verdicts

// Which lines there are beside the rows; in a small window the list goes first.
struct Frame {
  bool has_header = false;
  bool has_where = false;
  bool has_coverage = false;
  bool has_titles = false;
  bool has_bottom = false;
  std::size_t details = 0;  // lines about the row that is marked
  std::size_t rows = 0;
};

Frame FrameOf(const State& state, const Data& data, const Canvas& canvas) {
  const std::size_t height = canvas.height;
  Frame frame;
  frame.has_titles = height >= 2;
  frame.has_bottom = height >= 3;
  frame.has_header = height >= 4;
  frame.has_where = height >= 5;
  frame.has_coverage = height >= 8 && data.model.coverage.is_partial();
  const bool has_details = state.place().screen == Screen::kVerdicts && height >= 12;
  frame.details = has_details ? std::min(kMostDetailLines, height / 3) : 0;
  const std::size_t taken = static_cast<std::size_t>(frame.has_header) + frame.has_where +
                            frame.has_coverage + frame.has_titles + frame.has_bottom +
                            frame.details;
  frame.rows = height - taken;
  return frame;
}

Line WholeLine(std::string_view text, Look look, const Canvas& canvas) {
  return {{PaddedBehind(text, canvas.width), look}};
}

std::string HeaderText(const State& state, const Data& data) {
  const Model& model = data.model;
  std::string text = fmt::format("memtrack {}  {}, {}  ghosts {}", ClockTime(model.taken_at),
                                 Counted(model.segments.size(), "segment"), Human(model.bytes),
                                 HumanChange(data.ghosts_change));
  if (data.position.empty()) {
    text += fmt::format("  scan {} ms", model.scan_nanos / 1'000'000);
  } else {
    text += "  " + data.position;
  }
  return text + (state.is_paused ? "  PAUSED" : "");
}

std::string WhereLine(const State& state, const Data& data, const Listing& listing) {
  const Place& place = state.place();
  const Field& field = FieldsOf(place.screen)[state.order().column];
  std::string text = fmt::format("{}  by {}{}", WhereText(state, data), field.title,
                                 state.order().is_reversed ? ", reversed" : "");
  if (!place.filter.empty()) {
    text += fmt::format("  {} of {} with `{}`", listing.rows.size(), listing.all,
                        Displayable(place.filter));
  }
  return text;
}

// One cell of a row, as wide as its column.
std::string CellText(const Field& field, const Cell& cell, std::size_t width) {
  switch (field.kind) {
    case FieldKind::kNumber: return PaddedBefore(cell.text, width);
    case FieldKind::kName: return PaddedBehind(cell.text, width);
    case FieldKind::kTrend: return PaddedBefore(CutBegin(cell.text, width), width);
  }
  return "";
}

// Adds no more than there is room for.
void AddSpan(std::string_view text, Look look, std::size_t& room, Line& line) {
  const std::string cut = CellsOf(text) <= room ? std::string(text) : CutEnd(text, room);
  room -= CellsOf(cut);
  line.push_back({cut, look});
}

Line TitleLine(const State& state, const Layout& layout, const Canvas& canvas) {
  const auto fields = FieldsOf(state.place().screen);
  Line line;
  std::size_t room = canvas.width;
  for (const PlacedColumn& column : layout.columns) {
    if (!line.empty()) AddSpan(std::string(layout.gap, ' '), Look::kTitle, room, line);
    const Field& field = fields[column.field];
    const std::string text = field.kind == FieldKind::kNumber
                                 ? PaddedBefore(field.title, column.width)
                                 : PaddedBehind(field.title, column.width);
    const bool decides = column.field == state.order().column;
    AddSpan(text, decides ? Look::kSortedTitle : Look::kTitle, room, line);
  }
  AddSpan(std::string(room, ' '), Look::kTitle, room, line);
  return line;
}

Look LookOf(const Verdict& verdict) {
  return verdict.severity == Severity::kLeak ? Look::kLeak : Look::kRisk;
}

// Rows that a verdict is about stand out.
Look LookOf(const Subject& subject, const Data& data) {
  if (const auto* verdict = std::get_if<const Verdict*>(&subject)) return LookOf(**verdict);
  const auto* tag = std::get_if<const TagUse*>(&subject);
  if (tag == nullptr) return Look::kPlain;
  for (const Verdict& verdict : data.verdicts) {  // leaks come first
    if (verdict.tag == (*tag)->tag) return LookOf(verdict);
  }
  return Look::kPlain;
}

// The cells of the rows that are seen.
using Cells = std::vector<std::vector<Cell>>;

Cells CellsIn(std::span<const Subject> rows, Screen screen, const Data& data,
              const Canvas& canvas) {
  Cells cells;
  for (const Subject& subject : rows) {
    auto& row = cells.emplace_back();
    for (const Field& field : FieldsOf(screen)) {
      row.push_back(field.cell(data, subject));
      if (field.kind != FieldKind::kTrend) continue;
      const std::string& tag = std::get<const TagUse*>(subject)->tag;
      row.back().text = Sparkline(data.history.BytesOf(tag), canvas.has_unicode);
    }
  }
  return cells;
}

std::vector<std::size_t> WidthsOf(std::span<const Field> fields, const Cells& cells) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::size_t width = CellsOf(fields[i].title);
    for (const auto& row : cells) width = std::max(width, CellsOf(row[i].text));
    // Trends would like to be as wide as they will be, lest the other columns move each second.
    if (fields[i].kind == FieldKind::kTrend) width = TagHistory::kSamples;
    widths.push_back(width);
  }
  return widths;
}

Line RowLine(std::span<const Field> fields, const std::vector<Cell>& cells, const Layout& layout,
             Look look, const Canvas& canvas) {
  std::string text;
  for (const PlacedColumn& column : layout.columns) {
    if (!text.empty()) text.append(layout.gap, ' ');
    text += CellText(fields[column.field], cells[column.field], column.width);
  }
  return WholeLine(text, look, canvas);
}

void AddList(const State& state, const Data& data, const Listing& listing, const Frame& frame,
             const Canvas& canvas, Picture& picture) {
  const Place& place = state.place();
  const std::size_t selected = SelectedRow(listing, place);
  const std::size_t first =
      FirstRowSeen(place.first_row, selected, frame.rows, listing.rows.size());
  const std::size_t count = std::min(frame.rows, listing.rows.size() - first);
  const auto rows = std::span(listing.rows).subspan(first, count);
  const auto fields = FieldsOf(place.screen);
  const Cells cells = CellsIn(rows, place.screen, data, canvas);
  const Layout layout = LayOut(fields, WidthsOf(fields, cells), canvas.width);
  if (frame.has_titles) picture.lines.push_back(TitleLine(state, layout, canvas));
  for (std::size_t i = 0; i < count; ++i) {
    const Look look = first + i == selected ? Look::kSelected : LookOf(rows[i], data);
    picture.lines.push_back(RowLine(fields, cells[i], layout, look, canvas));
  }
  picture.lines.resize(picture.lines.size() + frame.rows - count);
}

// What one verdict says, in full.
void AddDetails(const State& state, const Listing& listing, const Frame& frame,
                const Canvas& canvas, Picture& picture) {
  if (frame.details == 0) return;
  std::vector<std::string> lines;
  if (!listing.rows.empty()) {
    const auto& verdict =
        *std::get<const Verdict*>(listing.rows[SelectedRow(listing, state.place())]);
    lines = Wrapped(Displayable(verdict.text), canvas.width);
    for (const std::string& line : Wrapped(Displayable(verdict.advice), canvas.width)) {
      lines.push_back(line);
    }
  }
  lines.resize(frame.details);
  for (const std::string& line : lines) {
    picture.lines.push_back(WholeLine(line, Look::kPlain, canvas));
  }
}

Line BottomLine(const State& state, const Data& data, const Canvas& canvas) {
  if (state.is_typing) {
    const std::string text = "/" + Displayable(state.place().filter) + "_";
    return WholeLine(CutBegin(text, canvas.width), Look::kStrong, canvas);
  }
  if (!data.is_judged) return WholeLine("too early for verdicts  ?: help", Look::kFaint, canvas);
  if (data.verdicts.empty()) return WholeLine("nothing leaks  ?: help", Look::kFaint, canvas);
  const Verdict& first = data.verdicts.front();
  return WholeLine(
      fmt::format("v: {}: {} {}: {}", SummaryText(data.verdicts), WordOf(first.severity),
                  WordOf(first.finding), Displayable(first.text)),
      LookOf(first), canvas);
}

Picture HelpPage(const Canvas& canvas) {
  Picture picture;
  for (const char* const line : HelpLines()) {
    if (picture.lines.size() == canvas.height) break;
    picture.lines.push_back(WholeLine(line, Look::kPlain, canvas));
  }
  return picture;
}

std::string CoverageLine(const Data& data) {
  std::string text = CoverageText(data.model);
  std::erase(text, '\n');
  return text;
}

}  // namespace

std::size_t FirstRowSeen(std::size_t first, std::size_t selected, std::size_t seen,
                         std::size_t rows) {
  if (seen == 0 || rows <= seen) return 0;
  first = std::min(first, rows - seen);
  if (selected < first) return selected;
  return selected >= first + seen ? selected - seen + 1 : first;
}

std::size_t RowsSeen(const State& state, const Data& data, const Canvas& canvas) {
  return FrameOf(state, data, canvas).rows;
}

Picture Draw(const State& state, const Data& data, const Canvas& canvas) {
  Picture picture;
  if (canvas.width == 0 || canvas.height == 0) return picture;
  if (state.shows_help) return HelpPage(canvas);
  const Frame frame = FrameOf(state, data, canvas);
  const Listing listing = ListingOf(state, data);
  const auto add = [&](bool is_there, const std::string& text, Look look) {
    if (is_there) picture.lines.push_back(WholeLine(text, look, canvas));
  };
  add(frame.has_header, HeaderText(state, data), Look::kStrong);
  add(frame.has_where, WhereLine(state, data, listing), Look::kPlain);
  add(frame.has_coverage, CoverageLine(data), Look::kFaint);
  AddList(state, data, listing, frame, canvas, picture);
  AddDetails(state, listing, frame, canvas, picture);
  if (frame.has_bottom) picture.lines.push_back(BottomLine(state, data, canvas));
  return picture;
}

}  // namespace memtrack::top
