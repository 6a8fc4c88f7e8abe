// Messages that name the same object again and again, by way of unions, maps, optionals, fixed
// arrays, owned pointers and C++ types. Each is held to its price, byte for byte: a message just
// long enough to pay decodes, and the same with one byte less is refused.
#include <catch2/catch.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/runtime/wire_by_hand.h"
#include "tests/unit/runtime/wire_kinds.h"

using namespace wire_types;
using baton::Rule;

namespace {

constexpr std::size_t kTimes = 200;
const std::string kText(2000, 'x');

}  // namespace

TEST_CASE("sharing within unions has its price", "[wire][sharing]") {
  ByHand by_hand;
  SECTION("one text in many unions") {
    const Priced held = by_hand.Box(by_hand.Text(kText));
    const Priced shape = by_hand.Union(3, held, sizeof(std::string));
    const auto shapes =
        JustPaid<kShapes, std::vector<Shape>>(by_hand, by_hand.Often(shape, kTimes, sizeof(Shape)));
    CHECK((shapes == std::vector(kTimes, MakeShape<2>(kText))));
  }
  SECTION("many unions around one text, of which nothing else is shared") {
    const Priced held = by_hand.Box(by_hand.Text(kText));
    std::vector<Priced> all;
    for (std::size_t n = 0; n < kTimes; ++n) {
      all.push_back(by_hand.Union(3, held, sizeof(std::string)));
    }
    const auto shapes =
        JustPaid<kShapes, std::vector<Shape>>(by_hand, by_hand.Vector(all, sizeof(Shape)));
    CHECK((shapes == std::vector(kTimes, MakeShape<2>(kText))));
  }
  SECTION("groups in groups, each twice") {
    Priced shape = by_hand.Union(2, by_hand.Empty(), sizeof(std::uint32_t));
    for (int n = 0; n < 10; ++n) {
      const Priced both = by_hand.Often(shape, 2, sizeof(Shape));
      shape = by_hand.Union(4, by_hand.Box(both), sizeof(std::vector<Shape>));
    }
    CHECK((JustPaid<kShape, Shape>(by_hand, shape).index() == 3));
  }
  SECTION("unions that hold unions, on the heap") {
    Priced shape = by_hand.Union(2, by_hand.Empty(), sizeof(std::uint32_t));
    for (int n = 0; n < 20; ++n) shape = by_hand.Union(6, shape, sizeof(Shape));
    const auto shapes =
        JustPaid<kShapes, std::vector<Shape>>(by_hand, by_hand.Often(shape, kTimes, sizeof(Shape)));
    CHECK(shapes.back().index() == 5);
  }
}

namespace {

// What a union of boxes alone brings along when it is made.
struct Heavy {
  std::array<std::uint8_t, 10'000> bytes = {};
  Heavy() { ++made; }
  static inline std::size_t made = 0;
};
constexpr wire::Type kHeavyBytes =
    wire::kFixedArrayOf<std::uint8_t, std::tuple_size_v<decltype(Heavy::bytes)>, wire::kUint8>;
constexpr wire::Row kHeavyRows[] = {{"bytes", offsetof(Heavy, bytes), 0, &kHeavyBytes}};
constexpr wire::Table kHeavyTable = {"Heavy", kHeavyRows};
constexpr wire::Type kHeavy = wire::kStructOf<Heavy, kHeavyTable>;

class Either : public baton::Union<baton::Boxed<Heavy>> {
 public:
  using Union::Union;
};
constexpr wire::Alternative kEitherAlternatives[] = {{"heavy", &kHeavy}};
constexpr wire::Union kEitherUnion = {"Either", kEitherAlternatives,
                                      &wire::kUnionOperations<Either>};

struct HeavyHolder {
  std::uint32_t number = 0;
  Either either;
};
constexpr wire::Type kEither = wire::kUnionOf<Either, kEitherUnion>;
constexpr wire::Row kHolderRows[] = {{"number", offsetof(HeavyHolder, number), 0, &wire::kUint32},
                                     {"either", offsetof(HeavyHolder, either), 1, &kEither}};
constexpr wire::Table kHolderTable = {"HeavyHolder", kHolderRows};
constexpr wire::Type kHeavyHolderType = wire::kStructOf<HeavyHolder, kHolderTable>;
constexpr wire::Type kWireSharingHolders = wire::kArrayOf<HeavyHolder, kHeavyHolderType>;
constexpr wire::Type kEithers = wire::kArrayOf<Either, kEither>;

}  // namespace

TEST_CASE("what a union brings along when it is made is paid for before it is made") {
  ByHand by_hand;
  SECTION("in an array of unions") {
    const Priced either = by_hand.Union(1, by_hand.Empty(), sizeof(Heavy));
    const auto eithers = JustPaid<kEithers, std::vector<Either>>(
        by_hand, by_hand.Often(either, 50, sizeof(Either) + sizeof(Heavy)));
    CHECK(eithers.size() == 50);
  }
  SECTION("in an array of structs that hold one: many offsets, and no memory") {
    const Priced holders = by_hand.Often(by_hand.Empty(), 10'000, 0);
    const Bytes bytes = by_hand.Finish(by_hand.Box(holders));
    Heavy::made = 0;
    CHECK((ErrorOf<kWireSharingHolders, std::vector<HeavyHolder>>(bytes) == Rule::kDecodeBudget));
    CHECK(Heavy::made == 0);
  }
  SECTION("and a writer of ours pays") {
    const std::vector<HeavyHolder> holders(100);
    const auto bytes = Encode(kOnly<kWireSharingHolders>, &holders);
    REQUIRE(bytes.has_value());
    CHECK((!ErrorOf<kWireSharingHolders, std::vector<HeavyHolder>>(*bytes)));
  }
}

TEST_CASE("sharing within maps has its price", "[wire][sharing]") {
  ByHand by_hand;
  SECTION("one map in many places") {
    static constexpr wire::Type kTexts =
        wire::kMapOf<std::int32_t, std::string, wire::kInt32, wire::kString>;
    static constexpr wire::Type kMany = wire::kArrayOf<std::map<std::int32_t, std::string>, kTexts>;
    using Texts = std::map<std::int32_t, std::string>;
    const Priced text = by_hand.Text("x");
    std::vector<Priced> entries;
    for (int key = -50; key < 50; ++key) entries.push_back(by_hand.Entry(key, text));
    const Priced map = by_hand.Vector(entries, sizeof(std::int32_t) + sizeof(std::string) + 64);
    const auto maps = JustPaid<kMany, std::vector<Texts>>(
        by_hand, by_hand.Often(by_hand.Box(map), kTimes, sizeof(Texts)));
    CHECK(maps.back().size() == 100);
  }
  SECTION("one value of many keys") {
    const Priced leaf = by_hand.Box(by_hand.Text(kText));  // its name
    std::vector<Priced> entries;
    for (int key = 1; key <= 200; ++key) entries.push_back(by_hand.Entry(key, leaf));
    const auto leaves = JustPaid<kLeafMap, std::map<std::int32_t, Leaf>>(
        by_hand, by_hand.Vector(entries, sizeof(std::int32_t) + sizeof(Leaf) + 64));
    CHECK(leaves.size() == 200);
    CHECK((leaves.at(200).name == kText));
  }
  SECTION("one union of many keys of text") {
    const Priced held = by_hand.Box(by_hand.Text(kText));
    const Priced shape = by_hand.Union(3, held, sizeof(std::string));
    std::vector<Priced> entries;
    for (int key = 100; key < 300; ++key) {
      entries.push_back(by_hand.Fields({by_hand.Text(std::to_string(key)), shape}));
    }
    using Map = std::map<std::string, Shape>;
    const std::size_t memory = sizeof(std::string) + sizeof(Shape) + 64;
    CHECK((JustPaid<kShapeMap, Map>(by_hand, by_hand.Vector(entries, memory)).size() == 200));
  }
}

TEST_CASE("one entry of a map that is named twice breaks the order, at any price",
          "[wire][sharing]") {
  ByHand by_hand;
  const Priced leaf = by_hand.Box(by_hand.Text(10));
  const Priced entry = by_hand.Entry(1, leaf);
  const std::size_t times = GENERATE(2, 1000);
  const Bytes bytes = by_hand.Finish(by_hand.Box(by_hand.Often(entry, times, 0)));
  using Leaves = std::map<std::int32_t, Leaf>;
  CHECK(ErrorOf<kLeafMap, Leaves>(bytes) == Rule::kMapOrder);
}

TEST_CASE("sharing within optionals has its price", "[wire][sharing]") {
  ByHand by_hand;
  SECTION("one text in many optionals of optionals") {
    using Twice = std::optional<std::optional<std::string>>;
    static constexpr wire::Type kMany = wire::kArrayOf<Twice, kTextTwice>;
    const Priced box = by_hand.Box(by_hand.Box(by_hand.Text(kText)));
    const auto texts =
        JustPaid<kMany, std::vector<Twice>>(by_hand, by_hand.Often(box, kTimes, sizeof(Twice)));
    CHECK((texts == std::vector(kTimes, Twice(kText))));
  }
  SECTION("one list of optional structs, all of them one empty table, in many places") {
    using Points = std::vector<std::optional<Point>>;
    static constexpr wire::Type kMany = wire::kArrayOf<Points, kPointHoles>;
    const Priced point = by_hand.Box(by_hand.Empty());
    const Priced points = by_hand.Box(by_hand.Often(point, kTimes, sizeof(std::optional<Point>)));
    const auto all = JustPaid<kMany, std::vector<Points>>(
        by_hand, by_hand.Often(points, kTimes, sizeof(Points)));
    CHECK((all == std::vector(kTimes, Points(kTimes, Point()))));
  }
}

TEST_CASE("sharing within fixed arrays has its price", "[wire][sharing]") {
  ByHand by_hand;
  SECTION("one text in both elements of many") {
    using Names = std::array<std::string, 2>;
    static constexpr wire::Type kMany = wire::kArrayOf<Names, kNames>;
    const Priced names = by_hand.Box(by_hand.Often(by_hand.Text(kText), 2, 0));
    const auto all =
        JustPaid<kMany, std::vector<Names>>(by_hand, by_hand.Often(names, kTimes, sizeof(Names)));
    CHECK((all == std::vector(kTimes, Names{kText, kText})));
  }
  SECTION("the same numbers in many") {
    using Numbers = std::array<std::uint64_t, 500>;
    static constexpr wire::Type kNumbers = wire::kFixedArrayOf<std::uint64_t, 500, wire::kUint64>;
    static constexpr wire::Type kMany = wire::kArrayOf<Numbers, kNumbers>;
    const Priced box = by_hand.Box(by_hand.FixedNumbers(std::vector<std::uint64_t>(500, 7)));
    const auto all =
        JustPaid<kMany, std::vector<Numbers>>(by_hand, by_hand.Often(box, kTimes, sizeof(Numbers)));
    CHECK(all.back().back() == 7);
  }
  SECTION("an absent one costs the memory it lies in") {
    using Numbers = std::array<std::uint64_t, 500>;
    static constexpr wire::Type kNumbers = wire::kFixedArrayOf<std::uint64_t, 500, wire::kUint64>;
    static constexpr wire::Type kMany = wire::kArrayOf<Numbers, kNumbers>;
    JustPaid<kMany, std::vector<Numbers>>(by_hand,
                                          by_hand.Often(by_hand.Empty(), kTimes, sizeof(Numbers)));
  }
}

namespace {

struct Large {
  std::array<std::uint8_t, 10'000> bytes = {};
};
constexpr wire::Table kLargeTable = {"Large", {}};
constexpr wire::Type kLarge = wire::kStructOf<Large, kLargeTable>;
constexpr wire::Type kLargePointer = wire::kUniquePtrOf<Large, kLarge>;
constexpr wire::Type kLargePointers = wire::kArrayOf<std::unique_ptr<Large>, kLargePointer>;
constexpr wire::Type kPointerPointer = wire::kUniquePtrOf<std::unique_ptr<Large>, kLargePointer>;
using PointerPointer = std::unique_ptr<std::unique_ptr<Large>>;
constexpr wire::Type kPointerPointers = wire::kArrayOf<PointerPointer, kPointerPointer>;

struct Fork {
  std::unique_ptr<Fork> left;
  std::unique_ptr<Fork> right;
};
extern const wire::Table kForkTable;
constexpr wire::Type kFork = wire::kStructOf<Fork, kForkTable>;
constexpr wire::Type kForkPointer = wire::kUniquePtrOf<Fork, kFork>;
constexpr wire::Row kForkRows[] = {{"left", offsetof(Fork, left), 0, &kForkPointer},
                                   {"right", offsetof(Fork, right), 1, &kForkPointer}};
const wire::Table kForkTable = {"Fork", kForkRows};

}  // namespace

TEST_CASE("sharing behind owned pointers has its price", "[wire][sharing]") {
  ByHand by_hand;
  Priced empty = by_hand.Empty();
  SECTION("one large struct behind many") {
    empty.cost += sizeof(Large);
    const auto all = JustPaid<kLargePointers, std::vector<std::unique_ptr<Large>>>(
        by_hand, by_hand.Often(by_hand.Box(empty), kTimes, sizeof(void*)));
    CHECK(all.back() != nullptr);
  }
  SECTION("pointers to pointers to it") {
    empty.cost += sizeof(Large);
    Priced inner = by_hand.Box(empty);
    inner.cost += sizeof(void*);
    const auto all = JustPaid<kPointerPointers, std::vector<PointerPointer>>(
        by_hand, by_hand.Often(by_hand.Box(inner), kTimes, sizeof(void*)));
    CHECK(*all.back() != nullptr);
  }
  SECTION("a tree whose branches are the same one, at every level") {
    Priced fork = empty;
    for (int n = 0; n < 12; ++n) {
      fork.cost += sizeof(Fork);
      fork = by_hand.Fields({fork, fork});
    }
    fork.cost += sizeof(Fork);
    const auto tree = JustPaid<kForkPointer, std::unique_ptr<Fork>>(by_hand, fork);
    CHECK(tree->right->left != nullptr);
  }
}

namespace {

// Many times larger than its bytes.
struct Canvas {
  std::array<std::uint8_t, 5000> pixels = {};
  std::uint8_t color = 0;
};

}  // namespace

template <>
struct baton::wire::Codec<Canvas> {
  static void Write(const Canvas& canvas, std::vector<std::byte>& bytes) {
    ByteWriter(bytes).Write(canvas.color);
  }
  static bool Read(std::span<const std::byte> bytes, Canvas& canvas) {
    ByteReader reader(bytes);
    return reader.Read(canvas.color) && reader.empty();
  }
};

namespace {

constexpr wire::Type kCanvas = wire::kCustomOf<Canvas>;
constexpr wire::Type kCanvases = wire::kArrayOf<Canvas, kCanvas>;
using SharedCanvas = std::shared_ptr<Canvas>;
constexpr wire::Type kSharedCanvas = wire::kCustomOf<SharedCanvas>;
constexpr wire::Type kSharedCanvases = wire::kArrayOf<SharedCanvas, kSharedCanvas>;
constexpr wire::Type kMaybeCanvas = wire::kNullableOf<SharedCanvas, kSharedCanvas>;
constexpr wire::Type kMaybeCanvases = wire::kArrayOf<SharedCanvas, kMaybeCanvas>;

}  // namespace

TEST_CASE("sharing the bytes of C++ types has its price", "[wire][sharing]") {
  ByHand by_hand;
  SECTION("by value") {
    const Priced box = by_hand.Box(by_hand.Octets({9}));
    const auto all = JustPaid<kCanvases, std::vector<Canvas>>(
        by_hand, by_hand.Often(box, kTimes, sizeof(Canvas)));
    CHECK(all.back().color == 9);
  }
  SECTION("shared ones: each reading makes a new one") {
    Priced bytes = by_hand.Octets({9});
    bytes.cost += sizeof(Canvas);
    const Priced all = by_hand.Often(by_hand.Box(bytes), kTimes, sizeof(SharedCanvas));
    const auto canvases = JustPaid<kSharedCanvases, std::vector<SharedCanvas>>(by_hand, all);
    CHECK(canvases.back()->color == 9);
    CHECK(canvases.front() != canvases.back());
  }
  SECTION("shared ones that may be null") {
    Priced bytes = by_hand.Octets({9});
    bytes.cost += sizeof(Canvas);
    const Priced all = by_hand.Often(by_hand.Box(bytes), kTimes, sizeof(SharedCanvas));
    const auto canvases = JustPaid<kMaybeCanvases, std::vector<SharedCanvas>>(by_hand, all);
    CHECK(canvases.back()->color == 9);
  }
  SECTION("an honest list of shared ones pays for itself") {
    const std::vector<SharedCanvas> sent(100, std::make_shared<Canvas>());
    const auto bytes = Encode(kOnly<kSharedCanvases>, &sent);
    REQUIRE(bytes.has_value());
    CHECK(ErrorOf<kSharedCanvases, std::vector<SharedCanvas>>(*bytes) == std::error_code());
  }
}

TEST_CASE("naming the same file descriptors again has its price", "[wire][sharing]") {
  static constexpr wire::Type kFiles = wire::kArrayOf<FakeShmem, wire::kFileDescriptor>;
  static constexpr wire::Type kMany = wire::kArrayOf<std::vector<FakeShmem>, kFiles>;
  constexpr std::size_t kFileCount = 100;
  ByHand by_hand;
  Priced files = by_hand.FixedNumbers(std::vector<std::uint32_t>(kFileCount, 0));
  files.cost += kFileCount * (8 + sizeof(wire::ShmemReference));
  const auto all = JustPaid<kMany, std::vector<std::vector<FakeShmem>>>(
      by_hand, by_hand.Often(by_hand.Box(files), kTimes, sizeof(std::vector<FakeShmem>)));
  CHECK(all.back().size() == kFileCount);
}
