#include "tools/memtrack/top/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "tools/memtrack/model/tag.h"
#include "tools/memtrack/model/words.h"

namespace memtrack::top {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

bool IsOf(const Place& place, const SegmentUse& use, const Model& model) {
  if (!place.tag.empty() && place.tag != use.tag) return false;
  if (!place.process) return true;
  const auto is_asked_for = [&](std::size_t process) {
    return model.processes[process].process.key == *place.process;
  };
  return std::ranges::any_of(use.holders, is_asked_for, &Holder::process) ||
         std::ranges::any_of(use.in_flight_to, is_asked_for);
}

void AddHolders(const Place& place, const Model& model, std::vector<Subject>& rows) {
  const SegmentUse* use = place.segment ? FindSegment(model, *place.segment) : nullptr;
  if (use == nullptr) return;  // by now
  for (const Holder& holder : use->holders) {
    rows.emplace_back(Having{&model.processes[holder.process], &holder});
  }
  for (const std::size_t process : use->in_flight_to) {
    rows.emplace_back(Having{&model.processes[process], nullptr});
  }
}

std::vector<Subject> AllRows(const Place& place, const Data& data) {
  std::vector<Subject> rows;
  switch (place.screen) {
    case Screen::kTags:
      for (const TagUse& tag : data.model.tags) rows.emplace_back(&tag);
      break;
    case Screen::kProcesses:
      for (const ProcessUse& use : data.model.processes) {
        if (use.segments > 0 || use.in_flight > 0) rows.emplace_back(&use);
      }
      break;
    case Screen::kSegments:
      for (const SegmentUse& use : data.model.segments) {
        if (IsOf(place, use, data.model)) rows.emplace_back(&use);
      }
      break;
    case Screen::kHolders: AddHolders(place, data.model, rows); break;
    case Screen::kVerdicts:
      for (const Verdict& verdict : data.verdicts) rows.emplace_back(&verdict);
      break;
  }
  return rows;
}

void Filter(const Place& place, const Data& data, std::vector<Subject>& rows) {
  if (place.filter.empty()) return;
  const std::string wanted = Lower(place.filter);
  const auto has_it = [&](const Subject& subject) {
    return std::ranges::any_of(FieldsOf(place.screen), [&](const Field& field) {
      if (field.kind != FieldKind::kName) return false;
      return Lower(field.cell(data, subject).text).find(wanted) != std::string::npos;
    });
  };
  std::erase_if(rows, [&](const Subject& subject) { return !has_it(subject); });
}

// As SortBy() in view/table.h does it, with one cell for each row.
void Sort(const Field& field, bool is_reversed, const Data& data, std::vector<Subject>& rows) {
  std::vector<std::pair<Cell, Subject>> sorted;
  sorted.reserve(rows.size());
  for (const Subject& subject : rows) sorted.emplace_back(field.cell(data, subject), subject);
  const auto comes_first = [](const auto& a, const auto& b) {
    if (a.first.number && b.first.number) return *a.first.number > *b.first.number;
    if (a.first.number || b.first.number) return a.first.number.has_value();
    return a.first.csv < b.first.csv;
  };
  std::ranges::stable_sort(sorted, [&](const auto& a, const auto& b) {
    return is_reversed ? comes_first(b, a) : comes_first(a, b);
  });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = sorted[i].second;
}

std::string NameOf(Screen screen) {
  switch (screen) {
    case Screen::kTags: return "Tags";
    case Screen::kProcesses: return "Processes";
    case Screen::kSegments: return "Segments";
    case Screen::kHolders: return "Holders";
    case Screen::kVerdicts: return "Verdicts";
  }
  return "";
}

std::string NameOf(const Place& place, const Data& data) {
  if (!place.tag.empty()) return Displayable(place.tag);
  if (place.process) return Named(data.model, *place.process);
  if (place.segment) {
    return fmt::format("{} {}", WordOf(place.segment->kind), place.segment->inode);
  }
  return NameOf(place.screen);
}

}  // namespace

Listing ListingOf(const State& state, const Data& data) {
  const Place& place = state.place();
  Listing listing;
  listing.rows = AllRows(place, data);
  listing.all = listing.rows.size();
  Filter(place, data, listing.rows);
  const auto fields = FieldsOf(place.screen);
  Sort(fields[state.order().column], state.order().is_reversed, data, listing.rows);
  return listing;
}

std::size_t SelectedRow(const Listing& listing, const Place& place) {
  if (listing.rows.empty() || place.selected.empty()) return 0;
  for (std::size_t i = 0; i < listing.rows.size(); ++i) {
    if (IdOf(listing.rows[i]) == place.selected) return i;
  }
  return std::min(place.selected_row, listing.rows.size() - 1);
}

std::string WhereText(const State& state, const Data& data) {
  std::string text;
  for (const Place& place : state.places) {
    text += (text.empty() ? "" : " > ") + NameOf(place, data);
  }
  return text;
}

}  // namespace memtrack::top
