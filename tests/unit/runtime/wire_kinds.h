// The kinds of values that wire_types.h does not have: unions (also of themselves), fixed arrays,
// maps, owned pointers, C++ types with a codec, flags and open enums, file descriptors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <baton/union.h>
#include <baton/wire/table.h>

#include "tests/unit/runtime/wire_types.h"

namespace wire_types {

// --- Enums that are not closed -------------------------------------------------------------------

enum class Access : std::uint8_t { kRead = 1, kWrite = 2, kHidden = 8 };
inline constexpr std::int64_t kAccessValues[] = {1, 2, 8};
inline constexpr const char* kAccessNames[] = {"kRead", "kWrite", "kHidden"};
inline constexpr wire::Enumeration kAccesses = {.name = "Access",
                                                .underlying = wire::Kind::kUint8,
                                                .values = kAccessValues,
                                                .default_value = 1,
                                                .names = kAccessNames,
                                                .is_flags = true};
inline constexpr wire::Type kAccess = wire::kEnumOf<Access, kAccesses>;

enum class Level : std::int16_t { kLow = -1, kHigh = 1 };
inline constexpr std::int64_t kLevelValues[] = {-1, 1};
inline constexpr const char* kLevelNames[] = {"kLow", "kHigh"};
inline constexpr wire::Enumeration kLevels = {.name = "Level",
                                              .underlying = wire::Kind::kInt16,
                                              .values = kLevelValues,
                                              .default_value = -1,
                                              .names = kLevelNames,
                                              .is_extensible = true};
inline constexpr wire::Type kLevel = wire::kEnumOf<Level, kLevels>;

// --- A union of every sort of member, itself included --------------------------------------------

class Shape : public baton::Union<Point, std::uint32_t, std::string, std::vector<Shape>,
                                  std::uint32_t, baton::Boxed<Shape>, std::optional<Mode>> {
 public:
  using Union::Union;
};

extern const wire::Union kShapeUnion;
inline constexpr wire::Type kShape = wire::kUnionOf<Shape, kShapeUnion>;
inline constexpr wire::Type kShapes = wire::kArrayOf<Shape, kShape>;
inline constexpr wire::Type kMaybeShape = wire::kOptionalOf<Shape, kShape>;
inline constexpr wire::Alternative kShapeAlternatives[] = {
    {"point", &kPoint},   {"number", &wire::kUint32},       {"text", &wire::kString},
    {"group", &kShapes},  {"other_number", &wire::kUint32}, {"inner", &kShape},
    {"mode", &kMaybeMode}};
inline const wire::Union kShapeUnion = {"Shape", kShapeAlternatives,
                                        &wire::kUnionOperations<Shape>};

// --- C++ types with a codec ----------------------------------------------------------------------

struct Color {
  std::uint32_t rgba = 0;
  std::string name;
  friend bool operator==(const Color&, const Color&) = default;
};

}  // namespace wire_types

// What a user writes.
template <>
struct baton::wire::Codec<wire_types::Color> {
  // One name is refused in both directions: for the tests of what is.
  static bool Write(const wire_types::Color& color, std::vector<std::byte>& bytes) {
    ByteWriter writer(bytes);
    writer.Write(color.rgba);
    writer.Write(color.name);
    return color.name != "unsendable";
  }
  static bool Read(std::span<const std::byte> bytes, wire_types::Color& color) {
    ByteReader reader(bytes);
    return reader.Read(color.rgba) && reader.Read(color.name) && reader.empty() &&
           color.name != "unsendable";
  }
};

namespace wire_types {

inline constexpr wire::Type kColor = wire::kCustomOf<Color>;
inline constexpr wire::Type kColors = wire::kArrayOf<Color, kColor>;
inline constexpr wire::Type kSharedColor = wire::kCustomOf<std::shared_ptr<Color>>;
inline constexpr wire::Type kNullableColor =
    wire::kNullableOf<std::shared_ptr<Color>, kSharedColor>;
inline constexpr wire::Type kNullableColors =
    wire::kArrayOf<std::shared_ptr<Color>, kNullableColor>;

// --- All of them ---------------------------------------------------------------------------------

// A list by owned pointers.
struct Node {
  std::uint32_t number = 0;
  std::unique_ptr<Node> next;
};
extern const wire::Table kNodeTable;
inline constexpr wire::Type kNode = wire::kStructOf<Node, kNodeTable>;
inline constexpr wire::Type kNodePointer = wire::kUniquePtrOf<Node, kNode>;
inline constexpr wire::Type kNumberPointer = wire::kUniquePtrOf<std::uint32_t, wire::kUint32>;
inline constexpr wire::Type kNumberPointers =
    wire::kArrayOf<std::unique_ptr<std::uint32_t>, kNumberPointer>;

using Matrix = std::array<float, 4>;
using Pair = std::array<std::int16_t, 2>;
using Counts = std::map<std::string, std::uint32_t>;
using Small = std::map<std::uint8_t, std::uint8_t>;

struct Kinds {
  Shape shape;
  std::vector<Shape> shapes;
  std::optional<Shape> maybe_shape;
  Matrix matrix = {};
  std::array<std::string, 2> names;
  std::array<bool, 3> bits = {};
  std::array<Mode, 2> modes = {Mode::kFast, Mode::kFast};
  std::array<Point, 2> points;
  std::vector<Pair> pairs;
  Counts counts;
  std::map<std::int32_t, Leaf> leaves;
  std::map<Mode, std::optional<std::string>> by_mode;
  std::vector<Small> maps;
  std::map<std::string, Shape> shapes_by_name;
  std::unique_ptr<Node> list;
  std::vector<std::unique_ptr<std::uint32_t>> pointers;
  Color color;
  std::vector<Color> colors;
  std::shared_ptr<Color> shared = std::make_shared<Color>();
  std::shared_ptr<Color> nullable;
  std::vector<std::shared_ptr<Color>> nullables;
  Access access = Access::kRead;
  Level level = Level::kLow;
};

inline constexpr wire::Type kMatrix = wire::kFixedArrayOf<float, 4, wire::kFloat>;
inline constexpr wire::Type kNames = wire::kFixedArrayOf<std::string, 2, wire::kString>;
inline constexpr wire::Type kBits = wire::kFixedArrayOf<bool, 3, wire::kBool>;
inline constexpr wire::Type kModePair = wire::kFixedArrayOf<Mode, 2, kMode>;
inline constexpr wire::Type kPoints = wire::kFixedArrayOf<Point, 2, kPoint>;
inline constexpr wire::Type kPair = wire::kFixedArrayOf<std::int16_t, 2, wire::kInt16>;
inline constexpr wire::Type kPairs = wire::kArrayOf<Pair, kPair>;
inline constexpr wire::Type kCounts =
    wire::kMapOf<std::string, std::uint32_t, wire::kString, wire::kUint32>;
inline constexpr wire::Type kLeafMap = wire::kMapOf<std::int32_t, Leaf, wire::kInt32, kLeaf>;
inline constexpr wire::Type kByMode =
    wire::kMapOf<Mode, std::optional<std::string>, kMode, kMaybeText>;
inline constexpr wire::Type kSmall =
    wire::kMapOf<std::uint8_t, std::uint8_t, wire::kUint8, wire::kUint8>;
inline constexpr wire::Type kMaps = wire::kArrayOf<Small, kSmall>;
inline constexpr wire::Type kShapeMap = wire::kMapOf<std::string, Shape, wire::kString, kShape>;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
inline constexpr wire::Row kNodeRows[] = {{"number", offsetof(Node, number), 0, &wire::kUint32},
                                          {"next", offsetof(Node, next), 1, &kNodePointer}};
inline const wire::Table kNodeTable = {"Node", kNodeRows};

inline constexpr wire::Row kKindsRows[] = {
    {"shape", offsetof(Kinds, shape), 0, &kShape},
    {"shapes", offsetof(Kinds, shapes), 1, &kShapes},
    {"maybe_shape", offsetof(Kinds, maybe_shape), 2, &kMaybeShape},
    {"matrix", offsetof(Kinds, matrix), 3, &kMatrix},
    {"names", offsetof(Kinds, names), 4, &kNames},
    {"bits", offsetof(Kinds, bits), 5, &kBits},
    {"modes", offsetof(Kinds, modes), 6, &kModePair},
    {"points", offsetof(Kinds, points), 7, &kPoints},
    {"pairs", offsetof(Kinds, pairs), 8, &kPairs},
    {"counts", offsetof(Kinds, counts), 9, &kCounts},
    {"leaves", offsetof(Kinds, leaves), 10, &kLeafMap},
    {"by_mode", offsetof(Kinds, by_mode), 11, &kByMode},
    {"maps", offsetof(Kinds, maps), 12, &kMaps},
    {"shapes_by_name", offsetof(Kinds, shapes_by_name), 13, &kShapeMap},
    {"list", offsetof(Kinds, list), 14, &kNodePointer},
    {"pointers", offsetof(Kinds, pointers), 15, &kNumberPointers},
    {"color", offsetof(Kinds, color), 16, &kColor},
    {"colors", offsetof(Kinds, colors), 17, &kColors},
    {"shared", offsetof(Kinds, shared), 18, &kSharedColor},
    {"nullable", offsetof(Kinds, nullable), 19, &kNullableColor},
    {"nullables", offsetof(Kinds, nullables), 20, &kNullableColors},
    {"access", offsetof(Kinds, access), 21, &kAccess},
    {"level", offsetof(Kinds, level), 22, &kLevel},
};
inline constexpr wire::Table kKindsTable = {"Kinds", kKindsRows};
inline constexpr wire::Type kKinds = wire::kStructOf<Kinds, kKindsTable>;
#pragma GCC diagnostic pop

template <std::size_t I, class... Arguments>
Shape MakeShape(Arguments&&... arguments) {
  return Shape(std::in_place_index<I>, std::forward<Arguments>(arguments)...);
}

// A value in every field, none of them the default.
inline Kinds EveryKind() {
  Kinds kinds;
  kinds.shape = MakeShape<5>(MakeShape<2>("inside"));
  kinds.shapes = {MakeShape<0>(Point{1, 2}),
                  MakeShape<1>(3u),
                  MakeShape<4>(4u),
                  MakeShape<3>(std::vector{MakeShape<1>(5u), Shape()}),
                  MakeShape<6>(),
                  MakeShape<6>(Mode::kOff)};
  kinds.maybe_shape = MakeShape<1>(6u);
  kinds.matrix = {1, -2, 0.5, 0};
  kinds.names = {"first", ""};
  kinds.bits = {true, false, true};
  kinds.modes = {Mode::kSlow, Mode::kOff};
  kinds.points = {Point{1, 2}, Point{3, 4}};
  kinds.pairs = {{1, 2}, {-3, 4}};
  kinds.counts = {{"", 0}, {"one", 1}, {"\xc3\xa9", 2}};
  kinds.leaves = {{-5, Leaf{"a", Mode::kSlow, {}, {}}}, {0, {}}, {7, {}}};
  kinds.by_mode = {{Mode::kSlow, std::nullopt}, {Mode::kOff, "off"}, {Mode::kFast, ""}};
  kinds.maps = {{}, {{0, 1}, {255, 0}}};
  kinds.shapes_by_name = {{"a", Shape()}, {"b", MakeShape<2>("text")}};
  kinds.list = std::make_unique<Node>();
  kinds.list->next = std::make_unique<Node>();
  kinds.list->next->number = 8;
  kinds.pointers.push_back(nullptr);
  kinds.pointers.push_back(std::make_unique<std::uint32_t>(0));
  kinds.color = {0xff00ff00, "green"};
  kinds.colors = {{1, "one"}, {2, ""}};
  kinds.shared = std::make_shared<Color>(Color{3, "three"});
  kinds.nullable = std::make_shared<Color>(Color{4, "four"});
  kinds.nullables = {nullptr, std::make_shared<Color>(Color{5, "five"})};
  kinds.access = static_cast<Access>(3);
  kinds.level = static_cast<Level>(1234);
  return kinds;
}

}  // namespace wire_types
