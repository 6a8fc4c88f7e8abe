#include "tools/memtrack/top/keys.h"

#include <algorithm>
#include <utility>

#include "tools/memtrack/top/draw.h"
#include "tools/memtrack/top/fields.h"
#include "tools/memtrack/top/listing.h"
#include "tools/memtrack/top/screen_text.h"

namespace memtrack::top {
namespace {

constexpr std::size_t kMostFilterBytes = 200;
constexpr std::size_t kDeepest = 16;  // holders lead to processes, and these to holders

void Type(const KeyPress& key, State& state) {
  std::string& filter = state.place().filter;
  switch (key.key) {
    case Key::kEnter: state.is_typing = false; break;
    case Key::kEscape:
      filter.clear();
      state.is_typing = false;
      break;
    case Key::kBackspace:
      while (!filter.empty() && (static_cast<unsigned char>(filter.back()) & 0xc0) == 0x80) {
        filter.pop_back();
      }
      if (!filter.empty()) filter.pop_back();
      break;
    case Key::kCharacter: {
      const bool is_control =
          key.character < 0x20 || (key.character >= 0x7f && key.character < 0xa0);
      if (!is_control && filter.size() < kMostFilterBytes) filter += Utf8Of(key.character);
      break;
    }
    default: break;
  }
}

void Select(const Listing& listing, std::size_t row, std::size_t rows_seen, Place& place) {
  if (listing.rows.empty()) return;
  place.selected_row = std::min(row, listing.rows.size() - 1);
  place.selected = IdOf(listing.rows[place.selected_row]);
  place.first_row =
      FirstRowSeen(place.first_row, place.selected_row, rows_seen, listing.rows.size());
}

void Move(const KeyPress& key, const Data& data, const Canvas& canvas, State& state) {
  const Listing listing = ListingOf(state, data);
  const std::size_t page = std::max<std::size_t>(RowsSeen(state, data, canvas), 1);
  const std::size_t row = SelectedRow(listing, state.place());
  const auto back = [&](std::size_t count) { return row > count ? row - count : 0; };
  std::size_t target = row;
  switch (key.key) {
    case Key::kUp: target = back(1); break;
    case Key::kDown: target = row + 1; break;
    case Key::kPageUp: target = back(page); break;
    case Key::kPageDown: target = row + page; break;
    case Key::kHome: target = 0; break;
    case Key::kEnd: target = listing.rows.size(); break;
    default: return;
  }
  Select(listing, target, page, state.place());
}

struct PlaceBelow {
  std::optional<Place> operator()(const TagUse* tag) const {
    Place place;
    place.screen = Screen::kSegments;
    place.tag = tag->tag;
    return place;
  }
  std::optional<Place> operator()(const ProcessUse* use) const {
    Place place;
    place.screen = Screen::kSegments;
    place.process = use->process.key;
    return place;
  }
  std::optional<Place> operator()(const SegmentUse* use) const { return Of(use->segment.key); }
  std::optional<Place> operator()(const Having& having) const { return (*this)(having.process); }
  std::optional<Place> operator()(const Verdict* verdict) const {
    Place place;
    place.screen = Screen::kSegments;
    place.tag = verdict->tag;
    if (!place.tag.empty()) return place;
    if (!verdict->segments.empty()) return Of(verdict->segments.front());
    if (verdict->processes.empty()) return std::nullopt;
    place.process = verdict->processes.front();
    return place;
  }
  static Place Of(const SegmentKey& key) {
    Place place;
    place.screen = Screen::kHolders;
    place.segment = key;
    return place;
  }
};

void GoDown(const Data& data, State& state) {
  const Listing listing = ListingOf(state, data);
  if (listing.rows.empty() || state.places.size() >= kDeepest) return;
  const std::size_t row = SelectedRow(listing, state.place());
  state.place().selected = IdOf(listing.rows[row]);  // to come back to
  state.place().selected_row = row;
  auto below = std::visit(PlaceBelow(), listing.rows[row]);
  if (below) state.places.push_back(*std::move(below));
}

void GoUp(State& state) {
  if (state.places.size() > 1) {
    state.places.pop_back();
  } else {
    state.place().filter.clear();
  }
}

// From one of the three screens at the top to another.
void GoTo(Screen screen, State& state) {
  state.places.clear();
  state.places.emplace_back().screen = screen;
}

void GoToNext(State& state) {
  switch (state.places.front().screen) {
    case Screen::kTags: return GoTo(Screen::kProcesses, state);
    case Screen::kProcesses: return GoTo(Screen::kSegments, state);
    default: return GoTo(Screen::kTags, state);
  }
}

void GoToVerdicts(State& state) {
  if (state.place().screen == Screen::kVerdicts || state.places.size() >= kDeepest) return;
  state.places.emplace_back().screen = Screen::kVerdicts;
}

void ChooseColumn(int step, State& state) {
  const std::size_t fields = FieldsOf(state.place().screen).size();
  std::size_t& column = state.order().column;
  if (step < 0 && column > 0) --column;
  if (step > 0 && column + 1 < fields) ++column;
}

void StepThroughTime(int step, const Data& data, State& state) {
  if (data.position.empty()) return;
  state.is_paused = true;
  state.wants_step = step;
}

void Command(char32_t character, const Data& data, const Canvas& canvas, State& state) {
  switch (character) {
    case U'q': state.wants_end = true; break;
    case U'?':
    case U'h': state.shows_help = true; break;
    case U'p': state.is_paused = !state.is_paused; break;
    case U'/': state.is_typing = true; break;
    case U'<': ChooseColumn(-1, state); break;
    case U'>': ChooseColumn(1, state); break;
    case U'r': state.order().is_reversed = !state.order().is_reversed; break;
    case U'v': GoToVerdicts(state); break;
    case U'1': GoTo(Screen::kTags, state); break;
    case U'2': GoTo(Screen::kProcesses, state); break;
    case U'3': GoTo(Screen::kSegments, state); break;
    case U'j': Move({Key::kDown}, data, canvas, state); break;
    case U'k': Move({Key::kUp}, data, canvas, state); break;
    default: break;
  }
}

}  // namespace

State::State() : places(1) {
  for (std::size_t i = 0; i < kScreens; ++i) {
    orders[i].column = FirstOrderOf(static_cast<Screen>(i));
  }
}

State After(State state, const KeyPress& key, const Data& data, const Canvas& canvas) {
  if (state.is_typing) {
    Type(key, state);
    return state;
  }
  if (state.shows_help) {
    state.shows_help = false;
    state.wants_end = key.character == U'q';
    return state;
  }
  switch (key.key) {
    case Key::kCharacter: Command(key.character, data, canvas, state); break;
    case Key::kEnter: GoDown(data, state); break;
    case Key::kEscape:
    case Key::kBackspace: GoUp(state); break;
    case Key::kTab: GoToNext(state); break;
    case Key::kLeft: StepThroughTime(-1, data, state); break;
    case Key::kRight: StepThroughTime(1, data, state); break;
    default: Move(key, data, canvas, state); break;
  }
  return state;
}

}  // namespace memtrack::top
