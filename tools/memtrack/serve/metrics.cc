#include "tools/memtrack/serve/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <vector>

#include "tools/memtrack/model/tag.h"
#include "tools/memtrack/model/words.h"

namespace memtrack {
namespace {

constexpr const char* kOther = "other";

void Begin(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(text), "# HELP memtrack_{} {}\n# TYPE memtrack_{} {}\n", name,
                 help, name, type);
}

template <class Number>
void Value(std::string& text, std::string_view name, std::string_view labels, Number number) {
  fmt::format_to(std::back_inserter(text), "memtrack_{}{} {}\n", name, labels, number);
}

template <class Number>
void Gauge(std::string& text, std::string_view name, std::string_view help, Number number) {
  Begin(text, name, "gauge", help);
  Value(text, name, "", number);
}

void Counter(std::string& text, std::string_view name, std::string_view help,
             std::uint64_t number) {
  Begin(text, name, "counter", help);
  Value(text, name, "", number);
}

// As a label's value stands in quotes.
std::string Quoted(std::string_view value) {
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

// Printable, valid UTF-8, of bounded length.
std::string NameOf(const std::string& tag) {
  std::string name = Displayable(tag);
  if (name.size() <= Metrics::kMostLetters) return name;
  std::size_t end = Metrics::kMostLetters;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return name.substr(0, end);
}

struct Sums {
  std::uint64_t bytes = 0;
  std::uint64_t size = 0;
  std::uint64_t segments = 0;

  void Add(const Sums& more) {
    bytes += more.bytes;
    size += more.size;
    segments += more.segments;
  }
};

using SumsByName = std::map<std::string, Sums>;

// By the name that is told: two tags may have the same.
SumsByName TagSums(const Model& model, std::set<std::string>& names) {
  SumsByName all;
  for (const TagUse& tag : model.tags) {
    all[NameOf(tag.tag)].Add({tag.bytes, tag.size, tag.segments});
  }
  std::vector<std::pair<std::uint64_t, std::string>> ranks;
  for (const auto& [name, sums] : all) ranks.emplace_back(sums.bytes, name);
  std::ranges::sort(ranks, std::greater());
  SumsByName told = {{kOther, {}}};
  for (const auto& [bytes, name] : ranks) {
    const bool has_room = told.size() <= Metrics::kMostTags;
    const bool is_known = names.contains(name) || names.size() < Metrics::kMostNames;
    const bool is_told = has_room && is_known && name != kOther;
    if (is_told) names.insert(name);
    told[is_told ? name : kOther].Add(all[name]);
  }
  return told;
}

void TellKinds(std::string& text, const Model& model) {
  constexpr std::array kKinds = {SegmentKind::kMemfd,  SegmentKind::kPosix,
                                 SegmentKind::kSysV,   SegmentKind::kAnonymous,
                                 SegmentKind::kDmabuf, SegmentKind::kHugetlb};
  std::map<SegmentKind, Sums> sums;
  for (const SegmentUse& use : model.segments) {
    sums[use.segment.key.kind].Add({use.bytes, use.segment.size.value_or(use.bytes), 1});
  }
  const auto tell = [&](const char* name, const char* help, std::uint64_t Sums::*member) {
    Begin(text, name, "gauge", help);
    for (const SegmentKind kind : kKinds) {
      Value(text, name, fmt::format("{{kind=\"{}\"}}", WordOf(kind)), sums[kind].*member);
    }
  };
  tell("bytes", "Bytes of shared memory that memory or swap backs.", &Sums::bytes);
  tell("size_bytes", "Bytes of shared memory as its length says.", &Sums::size);
  tell("segments", "Pieces of shared memory.", &Sums::segments);
}

void TellTags(std::string& text, const SumsByName& tags) {
  const auto tell = [&](const char* name, const char* help, std::uint64_t Sums::*member) {
    Begin(text, name, "gauge", help);
    for (const auto& [tag, sums] : tags) {
      Value(text, name, fmt::format("{{tag={}}}", Quoted(tag)), sums.*member);
    }
  };
  tell("tag_bytes", "Bytes that memory or swap backs, of the largest tags.", &Sums::bytes);
  tell("tag_segments", "Pieces of shared memory, of the largest tags.", &Sums::segments);
}

void TellVerdicts(std::string& text, const std::vector<Verdict>& verdicts) {
  std::map<std::pair<Finding, Severity>, std::uint64_t> counts;
  for (const Verdict& verdict : verdicts) ++counts[{verdict.finding, verdict.severity}];
  Begin(text, "verdicts", "gauge", "What is wrong now, by finding.");
  for (int i = 0; i <= static_cast<int>(Finding::kDisagreement); ++i) {
    const auto finding = static_cast<Finding>(i);
    for (const Severity severity : {Severity::kLeak, Severity::kRisk}) {
      Value(text, "verdicts",
            fmt::format("{{finding=\"{}\",severity=\"{}\"}}", WordOf(finding), WordOf(severity)),
            counts[{finding, severity}]);
    }
  }
}

void TellMachine(std::string& text, const Model& model) {
  std::uint64_t in_flight = 0;
  for (const InFlightHold& hold : model.in_flight) in_flight += hold.descriptors;
  Gauge(text, "uncharged_bytes", "Bytes that no process pays for.", model.uncharged);
  Gauge(text, "in_flight_descriptors", "Descriptors that lie in sockets.", in_flight);
  Gauge(text, "machine_shmem_bytes", "Shmem of /proc/meminfo.", model.machine.shmem);
  Gauge(text, "ghost_bytes", "Shared memory of the machine that belongs to nothing that was seen.",
        model.machine.ghosts());
  Begin(text, "processes", "gauge", "Processes, by whether memtrack was let in.");
  Value(text, "processes", "{seen=\"read\"}", model.coverage.read);
  Value(text, "processes", "{seen=\"denied\"}", model.coverage.denied);
}

}  // namespace

std::string Metrics::TextOf(const Pass& pass, const WatchState& state) {
  const Model& model = pass.last();
  std::string text;
  TellKinds(text, model);
  TellTags(text, TagSums(model, names_));
  TellVerdicts(text, pass.verdicts);
  TellMachine(text, model);
  Gauge(text, "last_pass_timestamp_seconds", "When the machine was last looked at.",
        static_cast<double>(model.taken_at) / 1e9);
  Gauge(text, "scan_seconds", "How long that took.", static_cast<double>(model.scan_nanos) / 1e9);
  Counter(text, "passes_total", "Times that the machine was looked at.", state.passes);
  Counter(text, "pass_failures_total", "Times that this failed.", state.failures);
  return text;
}

}  // namespace memtrack
