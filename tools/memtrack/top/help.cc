#include "tools/memtrack/top/help.h"

namespace memtrack::top {
namespace {

constexpr const char* kLines[] = {
    "1 2 3, Tab      tags, processes, segments",
    "Up Down j k     the row that is marked",
    "PgUp PgDn Home End",
    "Enter           down: tag or process, its segments, holders",
    "Esc, Backspace  up again",
    "< >             sort by the column before, behind",
    "r               the other way round",
    "/               only rows with this in a name; Esc ends it",
    "v               the verdicts: what leaks, what may",
    "p               pause, and go on",
    "Left Right      of a recording: a snapshot back, on",
    "q               the end",
    "",
    "SHARE is what a process pays, PSS what it would if all who",
    "hold a piece paid the same, USS what would be free without",
    "it. RES/MIN and TREND look back over 60 samples.",
};

}  // namespace

std::span<const char* const> HelpLines() {
  return kLines;
}

}  // namespace memtrack::top
