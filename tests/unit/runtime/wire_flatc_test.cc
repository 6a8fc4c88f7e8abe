// Our messages are FlatBuffers of the schema in wire_types.fbs: flatc reads ours, we read flatc's.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/support/must.h"
#include "tests/support/run_program.h"
#include "tests/unit/runtime/wire_kinds.h"

using namespace wire_types;
using baton::testing::Must;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

// A folder for one test's files.
class Folder {
 public:
  Folder()
      : path_(fs::temp_directory_path() /
              ("wire_flatc_" + std::to_string(std::random_device()()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string File(const std::string& name) const { return path_ / name; }
  std::string path() const { return path_; }

 private:
  fs::path path_;
};

void Flatc(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "flatc");
  const auto end = baton::testing::RunProgram({"/usr/bin/env", arguments});
  INFO("flatc comes with the package flatbuffers-compiler");
  INFO(end.output << end.errors);
  REQUIRE(end.exit_code == 0);
}

const std::string kSchema = BATON_SOURCE_DIR "/tests/unit/runtime/wire_types.fbs";

// What flatc reads in `bytes`, whose root is the table `root`.
json JsonOf(const Bytes& bytes, const std::string& root) {
  const Folder folder;
  std::ofstream(folder.File("message.bin"), std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  Flatc({"--json", "--strict-json", "--raw-binary", "--root-type", root, "-o", folder.path(),
         kSchema, "--", folder.File("message.bin")});
  std::ifstream file(folder.File("message.json"));
  return json::parse(file);
}

// What flatc writes for `value`.
Bytes BytesOf(const json& value, const std::string& root) {
  const Folder folder;
  std::ofstream(folder.File("message.json")) << value.dump();
  Flatc(
      {"--binary", "--root-type", root, "-o", folder.path(), kSchema, folder.File("message.json")});
  std::ifstream file(folder.File("message.bin"), std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto bytes = std::as_bytes(std::span(text));
  return Bytes(bytes.begin(), bytes.end());
}

// wire_types::Everything(), as JSON. What is the default of its field is not written.
const json kEverything = json::parse(R"({
  "flag": true, "i8": -8, "u8": 200, "i16": -1600, "u16": 65000, "i32": -320000,
  "u32": 4000000000, "i64": -9000000000, "u64": 18000000000000000000, "f32": 1.5, "f64": -2.25,
  "mode": "Slow", "port": "Last", "huge": "High",
  "text": "h\u00e9llo \u20ac \ud83d\ude00", "blob": [0, 255, 7],
  "leaf": {"name": "leaf", "mode": "Off", "blob": [9], "point": {"x": 1, "y": -2}},
  "flags": [true, false, true], "doubles": [0.5, -0.25], "words": ["one", "", "three"],
  "leaves": [{"name": "a", "mode": "Slow", "blob": [], "point": {}},
             {"name": "b", "blob": [1], "point": {"x": 3, "y": 4}}],
  "modes": ["Fast", "Off", "Slow"],
  "blobs": [{"value": [1]}, {"value": []}, {"value": [2, 3]}],
  "grid": [{"value": ["x", "y"]}, {"value": []}, {"value": ["z"]}],
  "maybe_number": 0, "maybe_flag": false, "maybe_mode": "Fast", "maybe_text": "", "maybe_blob": [],
  "maybe_point": {"x": 5, "y": 6}, "maybe_list": [1, 2, 65535],
  "holes": [{"value": 1}, {}, {"value": 0}],
  "point_holes": [{}, {"value": {"x": 7, "y": 8}}],
  "twice": {"value": 42}, "text_twice": {},
  "list_holes": [{}, {"value": []}, {"value": [1, 2]}]
})");

const json kNothing = json::parse(R"({
  "text": "", "blob": [], "leaf": {"name": "", "blob": [], "point": {}}, "flags": [],
  "doubles": [], "words": [], "leaves": [], "modes": [], "blobs": [], "grid": [], "holes": [],
  "point_holes": [], "list_holes": []
})");

json ReferenceJson(int number, int kind) {
  return {{"id_high", 0},          {"id_low", 0},  {"size", number},  {"transfer", 0},
          {"handle", 4294967295u}, {"kind", kind}, {"generation", 0}, {"capacity", 0}};
}

const json kHolderJson = {{"memory", ReferenceJson(1, 1)},
                          {"between", 77},
                          {"unsafe", ReferenceJson(2, 2)},
                          {"maybe", ReferenceJson(3, 1)},
                          {"list", {ReferenceJson(4, 2), ReferenceJson(5, 2)}},
                          {"holes", {{{"value", ReferenceJson(6, 1)}}, json::object()}}};

}  // namespace

TEST_CASE("flatc reads what we write", "[wire][flatc]") {
  const Rich everything = Everything();
  CHECK(JsonOf(Must(Encode(kRichTable, &everything)), "Rich") == kEverything);
  const Rich nothing;
  CHECK(JsonOf(Must(Encode(kRichTable, &nothing)), "Rich") == kNothing);
}

TEST_CASE("we read what flatc writes", "[wire][flatc]") {
  Rich rich;
  Must(DecodeInto(kRichTable, BytesOf(kEverything, "Rich"), &rich));
  CHECK(rich == Everything());
  Must(DecodeInto(kRichTable, BytesOf(kNothing, "Rich"), &rich));
  CHECK(rich == Rich());
  rich = Everything();
  Must(DecodeInto(kRichTable, BytesOf(json::object(), "Rich"), &rich));
  CHECK(rich == Rich());
}

TEST_CASE("flatc finds references to shared memory where we leave holes for them",
          "[wire][flatc]") {
  const Holder holder = {{1}, 77, {2}, FakeShmem{3}, {{4}, {5}}, {FakeShmem{6}, std::nullopt}};
  wire::Encoder encoder;
  const auto encoded = Must(encoder.Encode(kHolderTable, PlacesIn(kHolderTable, &holder), 4096));
  for (const wire::OutgoingShmem& memory : encoded.shared_memory) {
    wire::ShmemReference reference;
    reference.size =
        static_cast<std::uint64_t>(static_cast<const FakeShmem*>(memory.memory)->number);
    reference.kind = memory.kind == wire::Kind::kShmem ? 1 : 2;
    std::memcpy(encoded.bytes.data() + memory.position, &reference, sizeof(reference));
  }
  CHECK(JsonOf(Bytes(encoded.bytes.begin(), encoded.bytes.end()), "Holder") == kHolderJson);
}

TEST_CASE("we find references to shared memory where flatc writes them", "[wire][flatc]") {
  Holder holder;
  const Bytes bytes = BytesOf(kHolderJson, "Holder");
  for (const wire::IncomingShmem& place :
       Must(wire::Decode(kHolderTable, bytes, PlacesIn(kHolderTable, &holder)))) {
    static_cast<FakeShmem*>(place.memory)->number = static_cast<int>(place.reference.size);
  }
  CHECK(holder.memory.number == 1);
  CHECK(holder.unsafe.number == 2);
  REQUIRE(holder.maybe.has_value());
  CHECK(holder.maybe->number == 3);
  REQUIRE(holder.list.size() == 2);
  CHECK(holder.list[1].number == 5);
  REQUIRE(holder.holes.size() == 2);
  REQUIRE(holder.holes[0].has_value());
  CHECK(holder.holes[0]->number == 6);
  CHECK_FALSE(holder.holes[1].has_value());
}

namespace {

// Kinds of wire_kinds.h that FlatBuffers has another word for.
struct Sample {
  std::vector<Shape> shapes;
  Pair pair = {};
  std::vector<Pair> pairs;
  Counts counts;
  std::map<std::string, Shape> shapes_by_name;
  std::unique_ptr<Node> list;
  Color color;
  FakeShmem file;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
constexpr wire::Row kSampleRows[] = {
    {"shapes", offsetof(Sample, shapes), 0, &kShapes},
    {"pair", offsetof(Sample, pair), 1, &kPair},
    {"pairs", offsetof(Sample, pairs), 2, &kPairs},
    {"counts", offsetof(Sample, counts), 3, &kCounts},
    {"shapes_by_name", offsetof(Sample, shapes_by_name), 4, &kShapeMap},
    {"list", offsetof(Sample, list), 5, &kNodePointer},
    {"color", offsetof(Sample, color), 6, &kColor},
    {"file", offsetof(Sample, file), 7, &wire::kFileDescriptor}};
#pragma GCC diagnostic pop
constexpr wire::Table kSample = {"Sample", kSampleRows};

Sample SomeOfEach() {
  Sample sample;
  sample.shapes = {MakeShape<0>(Point{1, 2}),
                   MakeShape<1>(3u),
                   MakeShape<4>(4u),
                   MakeShape<2>("text"),
                   MakeShape<5>(MakeShape<6>(Mode::kOff)),
                   MakeShape<3>(std::vector{MakeShape<6>()})};
  sample.pair = {5, -6};
  sample.pairs = {{7, 8}};
  sample.counts = {{"a", 0}, {"b", 9}};
  sample.shapes_by_name = {{"one", MakeShape<1>(1u)}};
  sample.list = std::make_unique<Node>();
  sample.list->next = std::make_unique<Node>();
  sample.list->next->number = 10;
  sample.color = {0x04030201, "x"};
  return sample;
}

const json kSampleJson = json::parse(R"({
  "shapes": [{"value_type": "point", "value": {"x": 1, "y": 2}},
             {"value_type": "number", "value": {"value": 3}},
             {"value_type": "other_number", "value": {"value": 4}},
             {"value_type": "text", "value": {"value": "text"}},
             {"value_type": "inner",
              "value": {"value_type": "mode", "value": {"value": "Off"}}},
             {"value_type": "group", "value": {"value": [{"value_type": "mode", "value": {}}]}}],
  "pair": [5, -6], "pairs": [{"value": [7, 8]}],
  "counts": [{"key": "a"}, {"key": "b", "value": 9}],
  "shapes_by_name": [{"key": "one", "value": {"value_type": "number", "value": {"value": 1}}}],
  "list": {"next": {"number": 10}}, "color": [1, 2, 3, 4, 1, 0, 0, 0, 120], "file": 3
})");

}  // namespace

TEST_CASE("flatc reads our unions, maps, fixed arrays and handles", "[wire][flatc]") {
  const Sample sample = SomeOfEach();
  wire::Encoder encoder;
  const auto encoded = Must(encoder.Encode(kSample, PlacesIn(kSample, &sample), 4096));
  REQUIRE(encoded.shared_memory.size() == 1);
  const std::uint32_t index = 3;
  std::memcpy(encoded.bytes.data() + encoded.shared_memory[0].position, &index, sizeof(index));
  CHECK(JsonOf(Bytes(encoded.bytes.begin(), encoded.bytes.end()), "Sample") == kSampleJson);
}

TEST_CASE("we read flatc's unions, maps, fixed arrays and handles", "[wire][flatc]") {
  Sample received;
  const auto places =
      Must(wire::Decode(kSample, BytesOf(kSampleJson, "Sample"), PlacesIn(kSample, &received)));
  REQUIRE(places.size() == 1);
  CHECK(places[0].reference.handle == 3);
  const Sample sent = SomeOfEach();
  CHECK(received.shapes == sent.shapes);
  CHECK(received.pair == sent.pair);
  CHECK(received.pairs == sent.pairs);
  CHECK(received.counts == sent.counts);
  CHECK(received.shapes_by_name == sent.shapes_by_name);
  CHECK(received.color == sent.color);
  REQUIRE(received.list != nullptr);
  REQUIRE(received.list->next != nullptr);
  CHECK(received.list->next->number == 10);
}
