#include <catch2/catch.hpp>

#include <cstdint>
#include <sstream>
#include <streambuf>

#include "tests/support/must.h"
#include "tests/unit/tools/memtrack/report/random_snapshot.h"
#include "tests/unit/tools/memtrack/report/read_recording.h"
#include "tools/memtrack/record/recording_reader.h"
#include "tools/memtrack/record/recording_writer.h"

namespace memtrack::testing {
namespace {

using baton::testing::Must;

constexpr const char* kEmptySnapshot =
    R"({"time":[5,1],"processes":[],"segments":[],"descriptors":[],"mappings":[],"in_flight":[],)"
    R"("machine":[1,2,3],"coverage":[1,0,0,0]})";

// That line with one part of it replaced.
std::string With(const std::string& part, const std::string& other) {
  std::string line = kEmptySnapshot;
  const std::size_t at = line.find(part);
  REQUIRE(at != std::string::npos);
  return RecordingHeader() + line.replace(at, part.size(), other);
}

TEST_CASE("memtrack: a recording gives back what was written") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    const std::string line = RecordingLine(RandomSnapshot(seed));
    const auto snapshots = Must(ReadText(RecordingHeader() + line + line));
    REQUIRE(snapshots.size() == 2);
    CHECK(RecordingLine(snapshots[1]) == line);
  }
}

TEST_CASE("memtrack: each member of a snapshot survives a recording") {
  Snapshot snapshot = RandomSnapshot(3);
  snapshot.processes = {};
  Process& process = snapshot.processes.emplace_back();
  process = {{12, 34}, 5, 6, "com\"m", "/cg", true, true, false, 71, 72};
  snapshot.since_boot = 4711;
  snapshot.coverage = {1, 2, 3, 4, 5, 6, 7};
  snapshot.segments = {};
  Segment& segment = snapshot.segments.emplace_back();
  segment.key = {1, 2, SegmentKind::kHugetlb};
  segment.name = "n";
  segment.seals = 15;
  segment.creator_uid = 1000;
  segment.attributes = {{"protocol", "PImage"}};
  snapshot.descriptors.clear();
  DescriptorHold& descriptor = snapshot.descriptors.emplace_back();
  descriptor.segment = segment.key;
  descriptor.process = process.key;
  descriptor.thread = 13;
  snapshot.in_flight.clear();
  InFlightHold& in_flight = snapshot.in_flight.emplace_back();
  in_flight.receiver = process.key;
  snapshot.registries = {{.process = process.key,
                          .memory = {7, 8, SegmentKind::kMemfd},
                          .standing = RegistryStanding::kUnsealed,
                          .unlisted = 9,
                          .nonsense = 10}};
  snapshot.claims = {{.process = process.key,
                      .segment = {11, 12, SegmentKind::kPosix},
                      .state = baton::platform::RegistryState::kPooled,
                      .keeps_access = true,
                      .peer_pid = 13,
                      .bytes = 14,
                      .transfers = 15,
                      .sequence = 16,
                      .lasting = 17,
                      .is_steady = true}};
  in_flight.thread = 14;
  snapshot.mappings.clear();
  MappingHold& mapping = snapshot.mappings.emplace_back();
  mapping.segment = segment.key;
  mapping.process = process.key;
  mapping.address = ~std::uint64_t{0};
  mapping.is_private = mapping.is_executable = true;
  const auto back = Must(ReadText(RecordingHeader() + RecordingLine(snapshot)));
  REQUIRE(back.size() == 1);
  REQUIRE(back[0].processes.size() == 1);
  CHECK(back[0].processes[0].key == process.key);
  CHECK(back[0].processes[0].command == "com\"m");
  CHECK(back[0].processes[0].is_stopped);
  CHECK_FALSE(back[0].processes[0].is_readable);
  CHECK(back[0].processes[0].pid_namespace == 71);
  CHECK(back[0].processes[0].mount_namespace == 72);
  CHECK(back[0].since_boot == 4711);
  CHECK(back[0].coverage.closed_sockets == 5);
  CHECK(back[0].coverage.other_mount_namespaces == 6);
  CHECK(back[0].coverage.reused == 7);
  REQUIRE(back[0].descriptors.size() == 1);
  CHECK(back[0].descriptors[0].thread == 13);
  REQUIRE(back[0].in_flight.size() == 1);
  CHECK(back[0].in_flight[0].thread == 14);
  REQUIRE(back[0].registries.size() == 1);
  CHECK(back[0].registries[0].memory == SegmentKey{7, 8, SegmentKind::kMemfd});
  CHECK(back[0].registries[0].standing == RegistryStanding::kUnsealed);
  CHECK(back[0].registries[0].unlisted == 9);
  CHECK(back[0].registries[0].nonsense == 10);
  REQUIRE(back[0].claims.size() == 1);
  const Claim& claim = back[0].claims[0];
  CHECK(claim.process == process.key);
  CHECK(claim.segment == SegmentKey{11, 12, SegmentKind::kPosix});
  CHECK(claim.state == baton::platform::RegistryState::kPooled);
  CHECK(claim.keeps_access);
  CHECK(claim.is_steady);
  CHECK(claim.peer_pid == 13);
  CHECK(claim.bytes == 14);
  CHECK(claim.transfers == 15);
  CHECK(claim.sequence == 16);
  CHECK(claim.lasting == 17);
  REQUIRE(back[0].segments.size() == 1);
  CHECK(back[0].segments[0].seals == 15u);
  CHECK_FALSE(back[0].segments[0].size.has_value());
  CHECK(back[0].segments[0].attributes == segment.attributes);
  REQUIRE(back[0].mappings.size() == 1);
  CHECK(back[0].mappings[0].address == ~std::uint64_t{0});
  CHECK(back[0].mappings[0].is_private);
  CHECK(back[0].mappings[0].is_executable);
  CHECK_FALSE(back[0].mappings[0].is_writable);
}

TEST_CASE("memtrack: a name that is no text is written as text") {
  Snapshot snapshot;
  snapshot.segments.emplace_back().name = "a\xff";
  const auto back = Must(ReadText(RecordingHeader() + RecordingLine(snapshot)));
  CHECK(back[0].segments[0].name == "a\xef\xbf\xbd");
}

TEST_CASE("memtrack: a recording that is wrong is refused for what is wrong with it") {
  const auto [text, error] = GENERATE(table<std::string, RecordingErrc>({
      {"", RecordingErrc::kNotARecording},
      {"hello\n", RecordingErrc::kNotARecording},
      {"{\"memtrack\":1}\n", RecordingErrc::kNotARecording},
      {"[\"memtrack\"]\n", RecordingErrc::kNotARecording},
      {"{\"memtrack\":\"recording\",\"version\":2}\n", RecordingErrc::kVersion},
      {"{\"memtrack\":\"recording\",\"version\":\"1\"}\n", RecordingErrc::kShape},
      {"{\"memtrack\":\"recording\"}\n", RecordingErrc::kShape},
      {RecordingHeader() + "\n", RecordingErrc::kNotJson},
      {RecordingHeader() + "{\"time\":[5\n", RecordingErrc::kNotJson},
      {RecordingHeader() + "[]\n", RecordingErrc::kShape},
      {RecordingHeader() + "{}\n", RecordingErrc::kShape},
      {RecordingHeader() + std::string(200000, '[') + "\n", RecordingErrc::kNotJson},
      {RecordingHeader() + std::string(200000, '[') + std::string(200000, ']'),
       RecordingErrc::kShape},
      {RecordingHeader() + kEmptySnapshot + "\n{\"time\":[4,1]}\n", RecordingErrc::kShape},
      {With("[5,1]", "[5]"), RecordingErrc::kShape},
      {With("[5,1]", "[-5,1]"), RecordingErrc::kRange},
      {With("[5,1]", "[5,1,-1]"), RecordingErrc::kRange},
      {With("[5,1]", "[5,1,\"1\"]"), RecordingErrc::kShape},
      {With("[5,1]", "[5,1,1]") + "\n" + kEmptySnapshot, RecordingErrc::kShape},
      {With("[5,1]", "[5.5,1]"), RecordingErrc::kShape},
      {With("[5,1]", "[99999999999999999999,1]"), RecordingErrc::kShape},
      {With("[1,2,3]", "[18446744073709551615,2,3]"), RecordingErrc::kRange},
      {With("[1,2,3]", "{}"), RecordingErrc::kShape},
      {With("[1,0,0,0]", "[4294967296,0,0,0]"), RecordingErrc::kRange},
      {With("\"processes\":[]", "\"processes\":[[1]]"), RecordingErrc::kShape},
      {With("\"processes\":[]", "\"processes\":[[-3000000000,2,3,4,\"c\",\"g\",0]]"),
       RecordingErrc::kRange},
      {With("\"processes\":[]", "\"processes\":[[-3,2,3,4,\"c\",\"g\",0]]"), RecordingErrc::kRange},
      {With("\"processes\":[]", "\"processes\":[[1,2,3,4,5,\"g\",0]]"), RecordingErrc::kShape},
      {With("\"segments\":[]", "\"segments\":[[1,2,6,\"n\",1,1,1,1,1,{}]]"), RecordingErrc::kRange},
      {With("\"segments\":[]", "\"segments\":[[1,2,0,\"n\",1,1,1,1,1,[]]]"), RecordingErrc::kShape},
      {With("\"segments\":[]", "\"segments\":[[1,2,0,\"n\",1,1,1,1,1,{\"a\":1}]]"),
       RecordingErrc::kShape},
      {With("\"descriptors\":[]", "\"descriptors\":[[0,0,1,0,0]]"), RecordingErrc::kRange},
      {With("\"mappings\":[]", "\"mappings\":[[0,0,1,1,1,1]]"), RecordingErrc::kRange},
      {With("\"in_flight\":[]", "\"in_flight\":[[0,1,1,1,[]]]"), RecordingErrc::kRange},
      {With("\"in_flight\":[]", "\"in_flight\":7"), RecordingErrc::kShape},
      {With("\"in_flight\":[]", "\"in_flight\":[],\"claims\":7"), RecordingErrc::kShape},
      {With("\"in_flight\":[]", "\"in_flight\":[],\"claims\":[[0,1,1,0,1,0,0,0,0,0,null]]"),
       RecordingErrc::kRange},
      {With("\"in_flight\":[]", "\"in_flight\":[],\"registries\":[[0]]"), RecordingErrc::kShape},
  }));
  INFO(text.substr(0, 300));
  const auto result = ReadText(text);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error() == make_error_code(error));
  CHECK_FALSE(result.error().message().empty());
}

TEST_CASE("memtrack: snapshots are in the order of their times") {
  Snapshot later;
  later.taken_at = 9;
  Snapshot earlier;
  earlier.taken_at = 8;
  const auto result = ReadText(RecordingHeader() + RecordingLine(later) + RecordingLine(earlier));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error() == make_error_code(RecordingErrc::kOrder));
}

TEST_CASE("memtrack: a clock that is set back while it is recorded is no disorder") {
  Snapshot first;
  first.taken_at = 9;
  first.since_boot = 5;
  Snapshot second;
  second.taken_at = 3;
  second.since_boot = 6;
  const auto back =
      Must(ReadText(RecordingHeader() + RecordingLine(first) + RecordingLine(second)));
  REQUIRE(back.size() == 2);
  CHECK(back[1].since_boot == 6);
  const auto reversed = ReadText(RecordingHeader() + RecordingLine(second) + RecordingLine(first));
  CHECK(reversed.error() == make_error_code(RecordingErrc::kOrder));
}

TEST_CASE("memtrack: a recording of an older memtrack is read") {
  const auto back = Must(ReadText(RecordingHeader() + kEmptySnapshot + "\n"));
  REQUIRE(back.size() == 1);
  CHECK(back[0].taken_at == 5);
  CHECK_FALSE(back[0].since_boot.has_value());
}

TEST_CASE("memtrack: a last line that was not written to its end is absent") {
  const std::string whole = RecordingHeader() + RecordingLine(RandomSnapshot(11));
  const std::string line = RecordingLine(RandomSnapshot(12));
  for (std::size_t size = 0; size + 1 < line.size(); size += BATON_TEST_SLOWNESS) {
    INFO(size << " bytes");
    CHECK(Must(ReadText(whole + line.substr(0, size))).size() == 1);
  }
  CHECK(Must(ReadText(whole + line.substr(0, line.size() - 1))).size() == 2);
}

// A line without an end, of which nobody has all.
class EndlessLine final : public std::streambuf {
 public:
  explicit EndlessLine(std::string begin) : begin_(std::move(begin)) {
    setg(begin_.data(), begin_.data(), begin_.data() + begin_.size());
  }

 private:
  int_type underflow() override {
    setg(block_, block_, block_ + sizeof(block_));
    return traits_type::to_int_type(block_[0]);
  }
  std::string begin_;
  char block_[4096] = {'x'};
};

TEST_CASE("memtrack: a line without an end is refused") {
  EndlessLine buffer(RecordingHeader());
  auto reader = Must(RecordingReader::From(std::make_unique<std::istream>(&buffer)));
  const auto next = reader.Next();
  REQUIRE_FALSE(next.has_value());
  CHECK(next.error() == make_error_code(RecordingErrc::kTooLong));
  CHECK(reader.line() == 2);
}

TEST_CASE("memtrack: a file that is not there is the system's error") {
  const auto result = RecordingReader::Open("/nonexistent/recording");
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error() == std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace memtrack::testing
