// Each rule of docs/compatibility.md, on models made by hand.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/diff/diff.h"
#include "tests/unit/compiler/model_builder.h"

namespace batonc {
namespace {

const Type kUint32 = Of(Scalar::kUint32);
const Type kUint64 = Of(Scalar::kUint64);

std::vector<std::string> Changed(ModelBuilder& older, ModelBuilder& newer) {
  std::vector<std::string> lines;
  for (const Change& change : Diff(older.model(), newer.model(), {})) {
    constexpr const char* kWords[] = {"fine ", "source ", "wire "};
    lines.push_back(kWords[static_cast<std::size_t>(change.breaks)] +
                    std::to_string(change.number) + ": " + change.text);
  }
  std::ranges::sort(lines);
  return lines;
}

using Lines = std::vector<std::string>;

// What it means for `struct Frame` to get other fields.
Lines FieldsChanged(std::vector<Field> before, std::vector<Field> now) {
  ModelBuilder older;
  older.AddStruct("Frame", std::move(before));
  ModelBuilder newer;
  newer.AddStruct("Frame", std::move(now));
  return Changed(older, newer);
}

Lines MessageChanged(Message before, Message now) {
  ModelBuilder older;
  older.AddProtocol("PCamera", {std::move(before)});
  ModelBuilder newer;
  newer.AddProtocol("PCamera", {std::move(now)});
  return Changed(older, newer);
}

Lines EnumChanged(std::vector<Enumerator> before, std::vector<Enumerator> now,
                  bool is_extensible = false) {
  ModelBuilder older;
  older.AddEnum("Status", std::move(before));
  older.model().enums.back().is_extensible = is_extensible;
  ModelBuilder newer;
  newer.AddEnum("Status", std::move(now));
  newer.model().enums.back().is_extensible = is_extensible;
  return Changed(older, newer);
}

TEST_CASE("diff: what is the same is no change") {
  CHECK(FieldsChanged({FieldOf("a", kUint32)}, {FieldOf("a", kUint32)}).empty());
  CHECK(MessageChanged(MessageOf("Go", {}), MessageOf("Go", {})).empty());
  CHECK(EnumChanged({EnumeratorOf("kA", 0)}, {EnumeratorOf("kA", 0)}).empty());
}

TEST_CASE("diff: another type is another thing on the wire") {
  CHECK(FieldsChanged({FieldOf("a", kUint32)}, {FieldOf("a", kUint64)}) ==
        Lines{"wire 701: field `a` of struct `media::Frame` has the type `uint64`, was `uint32`"});
  CHECK(FieldsChanged({FieldOf("a", MapType(Of(StringType{}), kUint32))},
                      {FieldOf("a", MapType(kUint32, kUint32))})
            .size() == 1);
  CHECK(FieldsChanged({FieldOf("a", kUint32)}, {FieldOf("a", ArrayType(kUint32))}).size() == 1);
  CHECK(FieldsChanged({FieldOf("a", Of(MemoryType{}))},
                      {FieldOf("a", Of(MemoryType{MemoryKind::kUnsafeShmem, {}}))})
            .size() == 1);
}

TEST_CASE("diff: a pointer instead of an optional breaks the source only") {
  CHECK(FieldsChanged({FieldOf("a", OptionalType(kUint32))},
                      {FieldOf("a", UniquePtrType(kUint32))}) ==
        Lines{"source 752: field `a` of struct `media::Frame` has the type `UniquePtr<uint32>`, "
              "was `uint32?`; the same on the wire"});
}

TEST_CASE("diff: a field has another name, number, or none") {
  const Field a = FieldOf("a", kUint32);
  const Field b = FieldOf("b", kUint64);
  CHECK(FieldsChanged({a}, {FieldOf("c", kUint32)}) ==
        Lines{"source 751: field `c` of struct `media::Frame` was called `a`"});
  CHECK(FieldsChanged({a, b}, {b, a}) ==
        Lines{"wire 704: field `a` of struct `media::Frame` has the number 1 on the wire, had 0",
              "wire 704: field `b` of struct `media::Frame` has the number 0 on the wire, had 1"});
  CHECK(FieldsChanged({a, b}, {b}) ==
        Lines{"wire 702: field `a` of struct `media::Frame` is gone"});
  CHECK(FieldsChanged({b}, {a, b}) ==
        Lines{"wire 703: field `a` of struct `media::Frame` is new, and not behind all the "
              "others"});
}

TEST_CASE("diff: a field behind the others says since when it is there") {
  const Field a = FieldOf("a", kUint32);
  const Field b = FieldOf("b", kUint64);
  CHECK(FieldsChanged({a}, {a, b}) ==
        Lines{"wire 705: field `b` of struct `media::Frame` is new, but not marked [Since=2]"});
  CHECK(FieldsChanged({a}, {a, Since(2, b)}) ==
        Lines{"fine 781: field `b` of struct `media::Frame` is new"});
}

TEST_CASE("diff: a new field that older peers leave out must be able to be absent") {
  const Field a = FieldOf("a", kUint32);
  const std::string problem =
      "wire 706: field `b` of struct `media::Frame` is new, and older peers send nothing that it "
      "could be";
  CHECK(FieldsChanged({a}, {a, Since(2, FieldOf("b", Of(MemoryType{})))}) == Lines{problem});
  CHECK(FieldsChanged({a}, {a, Since(2, FieldOf("b", Of(FileDescriptorType{})))}) ==
        Lines{problem});
  CHECK(FieldsChanged({a}, {a, Since(2, FieldOf("b", OptionalType(Of(MemoryType{}))))}).front() ==
        "fine 781: field `b` of struct `media::Frame` is new");
  Field bound = Since(2, FieldOf("b", kUint32));
  bound.bounds.min = Integer{false, 1};
  CHECK(FieldsChanged({a}, {a, bound}) == Lines{problem});
  bound.default_value = Integer{false, 7};
  CHECK(FieldsChanged({a}, {a, bound}).front() ==
        "fine 781: field `b` of struct `media::Frame` is new");
}

TEST_CASE("diff: a new field counts from the version of the protocols that send it") {
  const auto build = [](ModelBuilder& builder, std::vector<Field> fields) {
    const StructId frame = builder.AddStruct("Frame", std::move(fields));
    const StructId film = builder.AddStruct("Film", {FieldOf("frames", ArrayType(Of(frame)))});
    builder.AddProtocol("PCamera", {MessageOf("Show", {FieldOf("film", Of(film))})});
    builder.model().protocols.back().version = 3;
  };
  const std::uint32_t since = GENERATE(2U, 3U, 4U);
  ModelBuilder older;
  build(older, {});
  ModelBuilder newer;
  build(newer, {Since(since, FieldOf("a", kUint32))});
  const Lines lines = Changed(older, newer);
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().starts_with(since == 4 ? "fine 781" : "wire 705"));
}

TEST_CASE("diff: what is marked removed breaks the source, and the mark cannot be moved") {
  Field removed = FieldOf("a", kUint32);
  removed.lifetime.removed = 2;
  CHECK(FieldsChanged({FieldOf("a", kUint32)}, {removed}) ==
        Lines{"source 755: field `a` of struct `media::Frame` is gone"});
  CHECK(FieldsChanged({removed}, {FieldOf("a", kUint32)}) ==
        Lines{"wire 713: field `a` of struct `media::Frame` exists since version 1, but since "
              "version 1 until 2 before"});
}

TEST_CASE("diff: defaults and bounds are part of the wire") {
  Field one = FieldOf("a", kUint32);
  one.default_value = Integer{false, 1};
  CHECK(FieldsChanged({FieldOf("a", kUint32)}, {one}) ==
        Lines{"wire 708: field `a` of struct `media::Frame` is `1` when it is absent, was what its "
              "type begins with"});
  Field tight = FieldOf("a", kUint32);
  tight.bounds.max = Integer{false, 8};
  CHECK(FieldsChanged({FieldOf("a", kUint32)}, {tight}) ==
        Lines{"wire 709: field `a` of struct `media::Frame` is limited by `[Max=8]`, was by "
              "nothing"});
}

TEST_CASE("diff: a type under another name is compared as itself") {
  const auto build = [](ModelBuilder& builder, std::string name, Type type) {
    const StructId size = builder.AddStruct(std::move(name), {FieldOf("w", std::move(type))});
    builder.AddStruct("Frame", {FieldOf("size", Of(size))});
  };
  ModelBuilder older;
  build(older, "Size", kUint32);
  ModelBuilder newer;
  build(newer, "Extent", kUint64);
  CHECK(Changed(older, newer) ==
        Lines{"source 751: struct `media::Extent` was called `media::Size`",
              "source 752: field `size` of struct `media::Frame` has the type `media::Extent`, was "
              "`media::Size`; the same on the wire",
              "wire 701: field `w` of struct `media::Extent` has the type `uint64`, was `uint32`"});
}

TEST_CASE("diff: another type that was there before is another type") {
  const auto build = [](ModelBuilder& builder, bool use_first) {
    const StructId a = builder.AddStruct("A", {FieldOf("x", kUint32)});
    const StructId b = builder.AddStruct("B", {FieldOf("x", kUint32)});
    builder.AddStruct("Frame", {FieldOf("size", Of(use_first ? a : b))});
  };
  ModelBuilder older;
  build(older, true);
  ModelBuilder newer;
  build(newer, false);
  const Lines lines = Changed(older, newer);
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().starts_with("wire 701: field `size`"));
}

TEST_CASE("diff: enumerators") {
  const Enumerator a = EnumeratorOf("kA", 0);
  const Enumerator b = EnumeratorOf("kB", 1);
  CHECK(EnumChanged({a, b}, {a, EnumeratorOf("kB", 2)}) ==
        Lines{"wire 707: enumerator `kB` of enum `media::Status` has the value 2, had 1"});
  CHECK(EnumChanged({a, b}, {a, EnumeratorOf("kC", 1)}) ==
        Lines{"source 751: enumerator `kC` of enum `media::Status` was called `kB`"});
  CHECK(EnumChanged({a, b}, {a}) ==
        Lines{"wire 702: enumerator `kB` of enum `media::Status` is gone"});
  CHECK(EnumChanged({a}, {a, b}) ==
        Lines{"wire 705: enumerator `kB` of enum `media::Status` is new, but not marked "
              "[Since=2]"});
  CHECK(EnumChanged({a, b}, {b, a}) ==
        Lines{"wire 708: a value of enum `media::Status` is 1 when it is absent, was 0"});
}

TEST_CASE("diff: an extensible enum lets unknown values through") {
  const Enumerator a = EnumeratorOf("kA", 0);
  const Enumerator b = EnumeratorOf("kB", 1);
  CHECK(EnumChanged({a}, {a, b}, true) ==
        Lines{"fine 781: enumerator `kB` of enum `media::Status` is new"});
  CHECK(EnumChanged({a, b}, {a}, true) ==
        Lines{"source 755: enumerator `kB` of enum `media::Status` is gone"});
}

TEST_CASE("diff: members of a union are known by their place") {
  const auto changed = [](std::vector<std::pair<std::string, Type>> before,
                          std::vector<std::pair<std::string, Type>> now) {
    ModelBuilder older;
    older.AddUnion("Shape", std::move(before));
    ModelBuilder newer;
    newer.AddUnion("Shape", std::move(now));
    return Changed(older, newer);
  };
  CHECK(changed({{"uint32", kUint32}}, {{"uint64", kUint64}}) ==
        Lines{"wire 701: member `uint64` of union `media::Shape` has the type `uint64`, was "
              "`uint32`"});
  CHECK(changed({{"uint32", kUint32}, {"uint64", kUint64}},
                {{"uint64", kUint64}, {"uint32", kUint32}})
            .size() == 2);
  CHECK(changed({{"uint32", kUint32}, {"uint64", kUint64}}, {{"uint64", kUint64}}) ==
        Lines{"wire 702: member `uint32` of union `media::Shape` is gone"});
  CHECK(changed({{"uint32", kUint32}}, {{"uint32", kUint32}, {"uint64", kUint64}}) ==
        Lines{"wire 716: member `uint64` of union `media::Shape` is new, and older peers refuse "
              "it"});
}

TEST_CASE("diff: messages come and go") {
  ModelBuilder with;
  with.AddProtocol("PCamera", {MessageOf("Go", {})});
  ModelBuilder without;
  without.AddProtocol("PCamera", {});
  CHECK(Changed(with, without) ==
        Lines{"wire 710: message `Go` of `media::PCamera` is gone instead of marked [Removed]"});
  CHECK(Changed(without, with) ==
        Lines{"wire 705: message `Go` of `media::PCamera` is new, but not marked [Since=2]"});
  with.model().protocols.back().messages.back().lifetime.since = 2;
  CHECK(Changed(without, with) ==
        Lines{"source 753: message `Go` of `media::PCamera` is new: its receiver must have "
              "`RecvGo`"});
}

TEST_CASE("diff: who receives a new constructor must make the actor") {
  ModelBuilder without;
  without.AddProtocol("PCamera", {});
  Message constructor = MessageOf("PTag", {});
  constructor.constructs = ProtocolId{0};
  constructor.lifetime.since = 2;
  std::string handlers;
  SECTION("the parent") {
    constructor.direction = Direction::kToParent;
    handlers = "`AllocPTagParent`";
  }
  SECTION("the child") {
    constructor.direction = Direction::kToChild;
    handlers = "`AllocPTagChild`";
  }
  SECTION("both") {
    constructor.direction = Direction::kBoth;
    handlers = "`AllocPTagParent` and `AllocPTagChild`";
  }
  ModelBuilder with;
  with.AddProtocol("PCamera", {constructor});
  const Lines changed = Changed(without, with);
  REQUIRE(changed.size() == 1);
  CHECK_THAT(changed.front(), Catch::StartsWith("source 753: ") &&
                                  Catch::EndsWith("its receiver must have " + handlers));
}

TEST_CASE("diff: a message that was removed before may go") {
  ModelBuilder older;
  older.AddProtocol("PCamera", {MessageOf("Go", {})});
  older.model().protocols.back().messages.back().lifetime.removed = 2;
  ModelBuilder newer;
  newer.AddProtocol("PCamera", {});
  CHECK(Changed(older, newer) == Lines{"source 755: message `Go` of `media::PCamera` is gone"});
}

TEST_CASE("diff: who gets a message, whether one waits, and what comes back") {
  const Message plain = MessageOf("Go", {});
  Message other = plain;
  other.direction = Direction::kToChild;
  CHECK(MessageChanged(plain, other) ==
        Lines{"wire 711: message `Go` of `media::PCamera` goes to the child, but went to the "
              "parent before"});
  other = plain;
  other.is_sync = true;
  CHECK(MessageChanged(plain, other).front().starts_with("wire 711"));
  other = plain;
  other.returns.emplace();
  CHECK(MessageChanged(plain, other) ==
        Lines{"wire 711: message `Go` of `media::PCamera` is answered, but was not before"});
  Message fails = other;
  fails.fails = kUint32;
  CHECK(MessageChanged(other, fails).front().starts_with("wire 711"));
  other = plain;
  other.priority = Priority::kInput;
  CHECK(MessageChanged(plain, other) ==
        Lines{"fine 782: message `Go` of `media::PCamera` has `[Priority=input]`, had no "
              "attributes"});
  other = plain;
  other.is_tainted = true;
  CHECK(MessageChanged(plain, other).front().starts_with("source 757"));
}

TEST_CASE("diff: parameters may be called otherwise, but there cannot be more of them") {
  CHECK(MessageChanged(MessageOf("Go", {FieldOf("a", kUint32)}),
                       MessageOf("Go", {FieldOf("b", kUint32)}))
            .front()
            .starts_with("fine 782"));
  CHECK(
      MessageChanged(MessageOf("Go", {}), MessageOf("Go", {FieldOf("a", kUint32)})) ==
      Lines{
          "wire 717: parameter `a` of message `Go` of `media::PCamera` is new, and messages cannot "
          "grow: make another one"});
}

TEST_CASE("diff: the names of several answers are members of a struct") {
  Message before = MessageOf("Go", {});
  before.returns = {FieldOf("a", kUint32), FieldOf("b", kUint32)};
  Message now = before;
  (*now.returns)[1].name = "c";
  CHECK(MessageChanged(before, now).front().starts_with("source 751"));
}

TEST_CASE("diff: declarations come and go") {
  ModelBuilder older;
  older.AddProtocol("PCamera", {});
  older.AddStruct("Frame", {});
  ModelBuilder newer;
  newer.AddProtocol("PLens", {});
  CHECK(Changed(older, newer) == Lines{"fine 781: protocol `media::PLens` is new",
                                       "source 755: struct `media::Frame` is gone",
                                       "wire 712: protocol `media::PCamera` is gone"});
}

TEST_CASE("diff: another manager") {
  const auto build = [](ModelBuilder& builder, std::size_t manager) {
    const ProtocolId managers[] = {builder.AddProtocol("PA", {}), builder.AddProtocol("PB", {})};
    builder.Manage(managers[manager], builder.AddProtocol("PC", {}));
  };
  ModelBuilder older;
  build(older, 0);
  ModelBuilder newer;
  build(newer, 1);
  CHECK(Changed(older, newer) ==
        Lines{"fine 781: manager `media::PB` of protocol `media::PC` is new",
              "wire 715: protocol `media::PC` is no longer managed by `media::PA`"});
}

TEST_CASE("diff: a declaration in another file has another header") {
  ModelBuilder older;
  older.AddStruct("Frame", {});
  ModelBuilder newer;
  newer.AddFile("media/frame.idlh", "media/frame");
  newer.AddStruct("Frame", {});
  CHECK(Changed(older, newer) ==
        Lines{"source 756: struct `media::Frame` is generated in `media/frame.h`, was in "
              "`media/camera.h`"});
  CHECK(Diff(older.model(), newer.model(), {.files_matter = false}).empty());
}

TEST_CASE("diff: what can be sent once cannot be copied any more") {
  ModelBuilder older;
  older.AddStruct("Frame", {});
  ModelBuilder newer;
  newer.AddStruct("Frame", {});
  newer.model().structs.back().traits = {.is_sent_once = true, .is_copyable = false};
  CHECK(Changed(older, newer) ==
        Lines{"source 757: struct `media::Frame` can be sent once, but again and again before"});
}

TEST_CASE("diff: what a prelude brings along is not compared") {
  ModelBuilder older;
  ModelBuilder newer;
  newer.AddFile("gecko.idlh", "gecko");
  newer.model().files.back().is_prelude = true;
  newer.AddStruct("nsThing", {});
  CHECK(Changed(older, newer).empty());
}

TEST_CASE("diff: what is gone has its place in the older state, all else in the newer") {
  ModelBuilder older;
  older.AddProtocol("PCamera", {});
  ModelBuilder newer;
  const auto changes = Diff(older.model(), newer.model(), {});
  REQUIRE(changes.size() == 1);
  CHECK(changes.front().place.edition == Edition::kOlder);
  const auto reverse = Diff(newer.model(), older.model(), {});
  REQUIRE(reverse.size() == 1);
  CHECK(reverse.front().place.edition == Edition::kNewer);
}

}  // namespace
}  // namespace batonc
