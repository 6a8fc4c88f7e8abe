#include "tools/memtrack/top/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tools/memtrack/model/tag.h"
#include "tools/memtrack/model/words.h"
#include "tools/memtrack/view/cells.h"

namespace memtrack::top {
namespace {

constexpr CellOptions kHuman = {.is_human = true};
constexpr auto kNumber = FieldKind::kNumber;
constexpr auto kName = FieldKind::kName;

const TagUse& TagIn(const Subject& subject) {
  return *std::get<const TagUse*>(subject);
}

const ProcessUse& ProcessIn(const Subject& subject) {
  if (const auto* having = std::get_if<Having>(&subject)) return *having->process;
  return *std::get<const ProcessUse*>(subject);
}

const SegmentUse& SegmentIn(const Subject& subject) {
  return *std::get<const SegmentUse*>(subject);
}

// Of whom it only lies in a socket, nothing.
Holder HolderIn(const Subject& subject) {
  const Holder* holder = std::get<Having>(subject).holder;
  return holder == nullptr ? Holder() : *holder;
}

const Verdict& VerdictIn(const Subject& subject) {
  return *std::get<const Verdict*>(subject);
}

Cell PidCell(const Data&, const Subject& subject) {
  return CountCell(static_cast<std::uint64_t>(ProcessIn(subject).process.key.pid));
}

Cell CommandCell(const Data&, const Subject& subject) {
  const Process& process = ProcessIn(subject).process;
  return TextCell(process.command + (process.is_stopped ? " (stopped)" : ""));
}

// The lowest and the highest value of a trend say how much it moves.
Cell TrendCell(const Data& data, const Subject& subject) {
  const std::vector<double> bytes = data.history.BytesOf(TagIn(subject).tag);
  if (bytes.empty()) return {};
  const auto [lowest, highest] = std::ranges::minmax(bytes);
  return {.text = "", .csv = "", .number = highest - lowest};
}

const Field kTagFields[] = {
    {"SEGS", kNumber, 2,
     [](const Data&, const Subject& s) { return CountCell(TagIn(s).segments); }},
    {"SIZE", kNumber, 4,
     [](const Data&, const Subject& s) { return BytesCell(TagIn(s).size, kHuman); }},
    {"RES", kNumber, 0,
     [](const Data&, const Subject& s) { return BytesCell(TagIn(s).bytes, kHuman); }},
    {"PROCS", kNumber, 5,
     [](const Data&, const Subject& s) { return CountCell(TagIn(s).processes); }},
    {"RES/MIN", kNumber, 1,
     [](const Data& data, const Subject& s) {
       return ByteChangeCell(data.history.GrowthOf(TagIn(s).tag), kHuman);
     }},
    {"TREND", FieldKind::kTrend, 3, TrendCell},
    {"TAG", kName, 0, [](const Data&, const Subject& s) { return TextCell(TagIn(s).tag); }},
};

const Field kProcessFields[] = {
    {"PID", kNumber, 1, PidCell},
    {"SHARE", kNumber, 0,
     [](const Data&, const Subject& s) { return BytesCell(ProcessIn(s).charged, kHuman); }},
    {"PSS", kNumber, 4,
     [](const Data&, const Subject& s) { return BytesCell(ProcessIn(s).proportional, kHuman); }},
    {"USS", kNumber, 3,
     [](const Data&, const Subject& s) { return BytesCell(ProcessIn(s).unique, kHuman); }},
    {"HELD", kNumber, 5,
     [](const Data&, const Subject& s) { return BytesCell(ProcessIn(s).held, kHuman); }},
    {"MAPPED", kNumber, 6,
     [](const Data&, const Subject& s) { return BytesCell(ProcessIn(s).mapped, kHuman); }},
    {"FLY", kNumber, 7,
     [](const Data&, const Subject& s) { return CountCell(ProcessIn(s).in_flight); }},
    {"SEGS", kNumber, 2,
     [](const Data&, const Subject& s) { return CountCell(ProcessIn(s).segments); }},
    {"COMMAND", kName, 0, CommandCell},
};

Cell SumCell(const SegmentUse& use, std::uint32_t Holder::*count) {
  std::uint64_t sum = 0;
  for (const Holder& holder : use.holders) sum += holder.*count;
  return CountCell(sum);
}

// Who pays for all of it.
Cell OwnerCell(const Data& data, const Subject& subject) {
  const SegmentUse& use = SegmentIn(subject);
  for (const Holder& holder : use.holders) {
    if (use.bytes == 0 || holder.charged != use.bytes) continue;
    const int pid = data.model.processes[holder.process].process.key.pid;
    return CountCell(static_cast<std::uint64_t>(pid));
  }
  return {.text = "-", .csv = "", .number = {}};
}

Cell HoldersCell(const Data& data, const Subject& subject) {
  std::vector<ProcessKey> keys;
  for (const Holder& holder : SegmentIn(subject).holders) {
    keys.push_back(data.model.processes[holder.process].process.key);
  }
  const std::string names = NamedAll(data.model, keys);
  return {.text = names, .csv = names, .number = {}};
}

const Field kSegmentFields[] = {
    {"INODE", kNumber, 2,
     [](const Data&, const Subject& s) { return CountCell(SegmentIn(s).segment.key.inode); }},
    {"KIND", kName, 6,
     [](const Data&, const Subject& s) { return TextCell(WordOf(SegmentIn(s).segment.key.kind)); }},
    {"TAG", kName, 0, [](const Data&, const Subject& s) { return TextCell(SegmentIn(s).tag); }},
    {"SIZE", kNumber, 4,
     [](const Data&, const Subject& s) {
       return BytesCell(SegmentIn(s).segment.size, false, kHuman);
     }},
    {"RES", kNumber, 0,
     [](const Data&, const Subject& s) {
       return BytesCell(SegmentIn(s).bytes, SegmentIn(s).is_estimated, kHuman);
     }},
    {"AGE", kNumber, 3,
     [](const Data& data, const Subject& s) {
       return AgeCell(SegmentIn(s).AgeAt(data.model.taken_at));
     }},
    {"FDS", kNumber, 7,
     [](const Data&, const Subject& s) { return SumCell(SegmentIn(s), &Holder::descriptors); }},
    {"MAPS", kNumber, 8,
     [](const Data&, const Subject& s) { return SumCell(SegmentIn(s), &Holder::mappings); }},
    {"FLY", kNumber, 9,
     [](const Data&, const Subject& s) { return CountCell(SegmentIn(s).in_flight_to.size()); }},
    {"OWNER", kNumber, 5, OwnerCell},
    {"HOLDERS", kName, 1, HoldersCell},
};

Cell HowCell(const Data&, const Subject& subject) {
  const Holder* holder = std::get<Having>(subject).holder;
  return TextCell(holder == nullptr                              ? "in flight"
                  : holder->is_revoked                           ? "revoked"
                  : holder->has_only_descriptors()               ? "descriptor"
                  : holder->mappings == holder->private_mappings ? "private mapping"
                  : holder->descriptors > 0                      ? "both"
                                                                 : "mapping");
}

const Field kHolderFields[] = {
    {"PID", kNumber, 1, PidCell},
    {"SHARE", kNumber, 0,
     [](const Data&, const Subject& s) { return BytesCell(HolderIn(s).charged, kHuman); }},
    {"MAPPED", kNumber, 4,
     [](const Data&, const Subject& s) { return BytesCell(HolderIn(s).mapped_bytes, kHuman); }},
    {"FDS", kNumber, 3,
     [](const Data&, const Subject& s) { return CountCell(HolderIn(s).descriptors); }},
    {"MAPS", kNumber, 3,
     [](const Data&, const Subject& s) { return CountCell(HolderIn(s).mappings); }},
    {"HOLDS BY", kName, 2, HowCell},
    {"COMMAND", kName, 0, CommandCell},
};

const Field kVerdictFields[] = {
    {"SEVERITY", kName, 2,
     [](const Data&, const Subject& s) {
       return TextCell(std::string(WordOf(VerdictIn(s).severity)));
     }},
    {"FINDING", kName, 1,
     [](const Data&, const Subject& s) {
       return TextCell(std::string(WordOf(VerdictIn(s).finding)));
     }},
    {"WHAT", kName, 0, [](const Data&, const Subject& s) { return TextCell(VerdictIn(s).text); }},
};

std::string IdOfProcess(const ProcessKey& key) {
  return fmt::format("{} {}", key.pid, key.start_time);
}

struct Identify {
  std::string operator()(const TagUse* tag) const { return tag->tag; }
  std::string operator()(const ProcessUse* use) const { return IdOfProcess(use->process.key); }
  std::string operator()(const SegmentUse* use) const {
    const SegmentKey& key = use->segment.key;
    return fmt::format("{} {} {}", key.device, key.inode, WordOf(key.kind));
  }
  std::string operator()(const Having& having) const {
    return IdOfProcess(having.process->process.key) + (having.holder == nullptr ? " flight" : "");
  }
  std::string operator()(const Verdict* verdict) const {
    std::string id = fmt::format("{} {}", WordOf(verdict->finding), verdict->tag);
    for (const ProcessKey& key : verdict->processes) id += " " + IdOfProcess(key);
    return id;
  }
};

}  // namespace

std::string IdOf(const Subject& subject) {
  return std::visit(Identify(), subject);
}

std::span<const Field> FieldsOf(Screen screen) {
  switch (screen) {
    case Screen::kTags: return kTagFields;
    case Screen::kProcesses: return kProcessFields;
    case Screen::kSegments: return kSegmentFields;
    case Screen::kHolders: return kHolderFields;
    case Screen::kVerdicts: return kVerdictFields;
  }
  return {};
}

std::size_t FirstOrderOf(Screen screen) {
  switch (screen) {
    case Screen::kTags: return 2;       // RES
    case Screen::kProcesses: return 1;  // SHARE
    case Screen::kSegments: return 4;   // RES
    case Screen::kHolders: return 1;    // SHARE
    case Screen::kVerdicts: return 0;   // SEVERITY: leaks first, and then as they were judged
  }
  return 0;
}

}  // namespace memtrack::top
