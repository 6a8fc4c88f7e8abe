#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "tools/memtrack/record/json_rows.h"
#include "tools/memtrack/record/recording_error.h"
#include "tools/memtrack/record/row_flags.h"

namespace memtrack {
namespace {

using baton::Fail;
using baton::Result;
using Json = nlohmann::json;

// Takes one row apart, a cell at a time; what comes behind the cells is of a newer memtrack. The
// first thing that is wrong stays; later cells read as nothing then.
class Row {
 public:
  Row(const Json& json, std::size_t cells) : json_(json) {
    if (!json.is_array() || json.size() < cells) error_ = RecordingErrc::kShape;
  }

  template <class Number>
  void Take(Number& into) {
    const Json* cell = Cell();
    if (cell == nullptr) return;
    const auto number = NumberOf<Number>(*cell);
    if (number) into = *number;
  }

  template <class Number>
  void Take(std::optional<Number>& into) {
    const Json* cell = Cell();
    if (cell != nullptr && !cell->is_null()) into = NumberOf<Number>(*cell);
  }

  void Take(std::string& into) {
    const Json* cell = Cell();
    if (cell == nullptr) return;
    if (!cell->is_string()) return Break(RecordingErrc::kShape);
    into = cell->get<std::string>();
  }

  // A cell that recordings of an older memtrack do not have; `into` stays then.
  template <class Value>
  void TakeIfThere(Value& into) {
    if (!error_ && next_ < json_.size()) Take(into);
  }

  // The key of the row that a cell is the index of.
  template <class Rows, class Key>
  void TakeKey(const Rows& rows, Key& into) {
    std::size_t index = 0;
    Take(index);
    if (error_) return;
    if (index >= rows.size()) return Break(RecordingErrc::kRange);
    into = rows[index].key;
  }

  // A cell that is no number and no text: an array, or an object.
  const Json* Cell() {
    if (error_) return nullptr;
    return &json_[next_++];
  }

  void Break(RecordingErrc error) {
    if (!error_) error_ = error;
  }

  Result<void> End() const {
    if (error_) return Fail(*error_);
    return {};
  }

 private:
  template <class Number>
  std::optional<Number> NumberOf(const Json& cell) {
    using Limits = std::numeric_limits<Number>;
    if (cell.is_number_unsigned()) {
      const auto value = cell.get<std::uint64_t>();
      if (std::cmp_less_equal(value, Limits::max())) return static_cast<Number>(value);
      Break(RecordingErrc::kRange);
    } else if (cell.is_number_integer()) {
      const auto value = cell.get<std::int64_t>();
      if (std::cmp_greater_equal(value, Limits::min())) return static_cast<Number>(value);
      Break(RecordingErrc::kRange);
    } else {
      Break(RecordingErrc::kShape);
    }
    return std::nullopt;
  }

  const Json& json_;
  std::size_t next_ = 0;
  std::optional<RecordingErrc> error_;
};

// Calls `read(row)` for each row of a list, until one is wrong.
Result<void> ReadRows(const Json& json, const char* list, std::size_t cells, auto read) {
  const auto rows = json.find(list);
  if (rows == json.end() || !rows->is_array()) return Fail(RecordingErrc::kShape);
  for (const Json& cells_of_row : *rows) {
    Row row(cells_of_row, cells);
    read(row);
    BATON_CHECKED(row.End());
  }
  return {};
}

// Of a kind of numbered things, the last of which is `last`.
template <class Kind>
void TakeKind(Row& row, Kind last, Kind& into) {
  unsigned number = 0;
  row.Take(number);
  if (number > static_cast<unsigned>(last)) return row.Break(RecordingErrc::kRange);
  into = static_cast<Kind>(number);
}

void TakeNumbers(Row& row, SegmentKey& into) {
  row.Take(into.device);
  row.Take(into.inode);
  TakeKind(row, SegmentKind::kHugetlb, into.kind);
}

void ReadProcess(Row& row, Snapshot& snapshot) {
  Process process;
  unsigned flags = 0;
  row.Take(process.key.pid);
  row.Take(process.key.start_time);
  row.Take(process.parent_pid);
  row.Take(process.uid);
  row.Take(process.command);
  row.Take(process.cgroup);
  row.Take(flags);
  row.TakeIfThere(process.pid_namespace);
  row.TakeIfThere(process.mount_namespace);
  if (process.key.pid < 0 || process.parent_pid < 0) row.Break(RecordingErrc::kRange);
  process.is_stopped = (flags & kStopped) != 0;
  process.leader_is_dead = (flags & kLeaderIsDead) != 0;
  process.is_readable = (flags & kReadable) != 0;
  snapshot.processes.push_back(std::move(process));
}

void ReadSegment(Row& row, Snapshot& snapshot) {
  Segment segment;
  TakeNumbers(row, segment.key);
  row.Take(segment.name);
  row.Take(segment.size);
  row.Take(segment.allocated);
  row.Take(segment.born);
  row.Take(segment.creator_uid);
  row.Take(segment.seals);
  if (const Json* attributes = row.Cell()) {
    if (!attributes->is_object()) return row.Break(RecordingErrc::kShape);
    for (const auto& [name, value] : attributes->items()) {
      if (!value.is_string()) return row.Break(RecordingErrc::kShape);
      segment.attributes[name] = value.get<std::string>();
    }
  }
  snapshot.segments.push_back(std::move(segment));
}

void ReadDescriptor(Row& row, Snapshot& snapshot) {
  DescriptorHold hold;
  unsigned flags = 0;
  row.TakeKey(snapshot.segments, hold.segment);
  row.TakeKey(snapshot.processes, hold.process);
  row.Take(hold.descriptor);
  row.Take(flags);
  row.Take(hold.open_file);
  row.TakeIfThere(hold.thread);
  hold.is_close_on_exec = (flags & kCloseOnExec) != 0;
  hold.is_writable = (flags & kWritableDescriptor) != 0;
  snapshot.descriptors.push_back(hold);
}

void ReadMapping(Row& row, Snapshot& snapshot) {
  MappingHold hold;
  unsigned flags = 0;
  row.TakeKey(snapshot.segments, hold.segment);
  row.TakeKey(snapshot.processes, hold.process);
  row.Take(hold.address);
  row.Take(hold.length);
  row.Take(hold.offset);
  row.Take(flags);
  hold.is_readable = (flags & kReadableMapping) != 0;
  hold.is_writable = (flags & kWritableMapping) != 0;
  hold.is_executable = (flags & kExecutable) != 0;
  hold.is_private = (flags & kPrivate) != 0;
  snapshot.mappings.push_back(hold);
}

void ReadInFlight(Row& row, Snapshot& snapshot) {
  InFlightHold hold;
  row.TakeKey(snapshot.processes, hold.receiver);
  row.Take(hold.socket_descriptor);
  row.Take(hold.socket_inode);
  row.Take(hold.descriptors);
  if (const Json* segments = row.Cell()) {
    if (!segments->is_array()) return row.Break(RecordingErrc::kShape);
    Row keys(*segments, segments->size());
    for (std::size_t i = 0; i < segments->size(); ++i) {
      keys.TakeKey(snapshot.segments, hold.segments.emplace_back());
    }
    if (!keys.End()) return row.Break(RecordingErrc::kRange);
  }
  row.TakeIfThere(hold.thread);
  snapshot.in_flight.push_back(std::move(hold));
}

void ReadRegistry(Row& row, Snapshot& snapshot) {
  ProcessRegistry registry;
  row.TakeKey(snapshot.processes, registry.process);
  TakeNumbers(row, registry.memory);
  TakeKind(row, RegistryStanding::kSeveral, registry.standing);
  row.Take(registry.unlisted);
  row.Take(registry.nonsense);
  snapshot.registries.push_back(registry);
}

void ReadClaim(Row& row, Snapshot& snapshot) {
  Claim claim;
  unsigned flags = 0;
  row.TakeKey(snapshot.processes, claim.process);
  TakeNumbers(row, claim.segment);
  TakeKind(row, baton::platform::kLastRegistryState, claim.state);
  row.Take(flags);
  row.Take(claim.peer_pid);
  row.Take(claim.bytes);
  row.Take(claim.transfers);
  row.Take(claim.sequence);
  row.Take(claim.lasting);
  if (claim.peer_pid < 0 || claim.lasting.value_or(0) < 0) row.Break(RecordingErrc::kRange);
  claim.keeps_access = (flags & kClaimKeepsAccess) != 0;
  claim.is_steady = (flags & kClaimIsSteady) != 0;
  snapshot.claims.push_back(claim);
}

}  // namespace

Result<Snapshot> SnapshotFrom(const Json& json) {
  if (!json.is_object()) return Fail(RecordingErrc::kShape);
  Snapshot snapshot;
  const auto read_all = [&](const char* list, std::size_t cells, auto read) {
    return ReadRows(json, list, cells, [&](Row& row) { read(row, snapshot); });
  };
  const auto read_one = [&](const char* name, std::size_t cells, auto read) -> Result<void> {
    const auto found = json.find(name);
    if (found == json.end()) return Fail(RecordingErrc::kShape);
    Row row(*found, cells);
    read(row);
    return row.End();
  };
  BATON_CHECKED(read_one("time", 2, [&](Row& row) {
    row.Take(snapshot.taken_at);
    row.Take(snapshot.scan_nanos);
    row.TakeIfThere(snapshot.since_boot);
    const bool is_sound =
        snapshot.taken_at >= 0 && snapshot.scan_nanos >= 0 && snapshot.since_boot.value_or(0) >= 0;
    if (!is_sound) row.Break(RecordingErrc::kRange);
  }));
  BATON_CHECKED(read_all("processes", 7, ReadProcess));
  BATON_CHECKED(read_all("segments", 10, ReadSegment));
  BATON_CHECKED(read_all("descriptors", 5, ReadDescriptor));
  BATON_CHECKED(read_all("mappings", 6, ReadMapping));
  BATON_CHECKED(read_all("in_flight", 5, ReadInFlight));
  // Recordings of an older memtrack have none.
  if (json.contains("registries")) BATON_CHECKED(read_all("registries", 7, ReadRegistry));
  if (json.contains("claims")) BATON_CHECKED(read_all("claims", 11, ReadClaim));
  BATON_CHECKED(read_one("machine", 3, [&](Row& row) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62;  // ghosts() subtracts two of them
    for (std::uint64_t* bytes :
         {&snapshot.machine.shmem, &snapshot.machine.tmpfs_used, &snapshot.machine.explained}) {
      row.Take(*bytes);
      if (*bytes > kMost / 2) row.Break(RecordingErrc::kRange);
    }
  }));
  BATON_CHECKED(read_one("coverage", 4, [&](Row& row) {
    row.Take(snapshot.coverage.read);
    row.Take(snapshot.coverage.denied);
    row.Take(snapshot.coverage.gone);
    row.Take(snapshot.coverage.unsized_segments);
    row.TakeIfThere(snapshot.coverage.closed_sockets);
    row.TakeIfThere(snapshot.coverage.other_mount_namespaces);
    row.TakeIfThere(snapshot.coverage.reused);
  }));
  return snapshot;
}

}  // namespace memtrack
