// The codec: what a message costs to write and to read, beside memcpy of the same bytes.
#include <benchmark/benchmark.h>
#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <baton/wire/table.h>

#include "runtime/wire/decoder.h"
#include "runtime/wire/encoder.h"

namespace {

namespace wire = baton::wire;

constexpr std::size_t kMaxBytes = 1 << 20;

struct Scalars {
  std::uint64_t frame = 1;
  std::uint64_t timestamp = 2;
  std::int64_t offset = -3;
  double gain = 4.5;
  std::uint32_t width = 5;
  std::uint32_t height = 6;
  std::uint16_t format = 7;
  std::uint8_t planes = 8;
};

constexpr wire::Row kScalarRows[] = {{"frame", offsetof(Scalars, frame), 0, &wire::kUint64},
                                     {"timestamp", offsetof(Scalars, timestamp), 1, &wire::kUint64},
                                     {"offset", offsetof(Scalars, offset), 2, &wire::kInt64},
                                     {"gain", offsetof(Scalars, gain), 3, &wire::kDouble},
                                     {"width", offsetof(Scalars, width), 4, &wire::kUint32},
                                     {"height", offsetof(Scalars, height), 5, &wire::kUint32},
                                     {"format", offsetof(Scalars, format), 6, &wire::kUint16},
                                     {"planes", offsetof(Scalars, planes), 7, &wire::kUint8}};
constexpr wire::Table kScalars = {"Scalars", kScalarRows};

struct EightNumbers {
  std::uint64_t numbers[8] = {1, 2, 3, 4, 5, 6, 7, 8};
};

constexpr wire::Row kEightRows[] = {{"a", 0, 0, &wire::kUint64},  {"b", 8, 1, &wire::kUint64},
                                    {"c", 16, 2, &wire::kUint64}, {"d", 24, 3, &wire::kUint64},
                                    {"e", 32, 4, &wire::kUint64}, {"f", 40, 5, &wire::kUint64},
                                    {"g", 48, 6, &wire::kUint64}, {"h", 56, 7, &wire::kUint64}};
constexpr wire::Table kEightNumbers = {"EightNumbers", kEightRows};

struct Blob {
  std::uint64_t frame = 1;
  std::uint32_t format = 2;
  std::vector<std::byte> bytes = std::vector<std::byte>(1024, std::byte{7});
};

constexpr wire::Row kBlobRows[] = {{"frame", offsetof(Blob, frame), 0, &wire::kUint64},
                                   {"format", offsetof(Blob, format), 1, &wire::kUint32},
                                   {"bytes", offsetof(Blob, bytes), 2, &wire::kBytes}};
constexpr wire::Table kBlob = {"Blob", kBlobRows};

struct Words {
  std::uint64_t frame = 1;
  std::vector<std::uint64_t> words = std::vector<std::uint64_t>(128, 7);
};

constexpr wire::Type kWordList = wire::kArrayOf<std::uint64_t, wire::kUint64>;
constexpr wire::Row kWordRows[] = {{"frame", offsetof(Words, frame), 0, &wire::kUint64},
                                   {"words", offsetof(Words, words), 1, &kWordList}};
constexpr wire::Table kWords = {"Words", kWordRows};

struct Text {
  std::string text = std::string(64, 'x');
};

constexpr wire::Row kTextRows[] = {{"text", offsetof(Text, text), 0, &wire::kString}};
constexpr wire::Table kText = {"Text", kTextRows};

struct Numbers {
  std::vector<std::uint32_t> numbers = std::vector<std::uint32_t>(1000, 7);
};

constexpr wire::Type kNumberList = wire::kArrayOf<std::uint32_t, wire::kUint32>;
constexpr wire::Row kNumberRows[] = {{"numbers", offsetof(Numbers, numbers), 0, &kNumberList}};
constexpr wire::Table kNumbers = {"Numbers", kNumberRows};

struct Rows {
  std::vector<Scalars> rows = std::vector<Scalars>(1000);
};

constexpr wire::Type kScalarStruct = wire::kStructOf<Scalars, kScalars>;
constexpr wire::Type kScalarList = wire::kArrayOf<Scalars, kScalarStruct>;
constexpr wire::Row kRowRows[] = {{"rows", offsetof(Rows, rows), 0, &kScalarList}};
constexpr wire::Table kRows = {"Rows", kRowRows};

template <class Place, class Object>
std::vector<Place> PlacesIn(const wire::Table& table, Object& object) {
  std::vector<Place> places;
  for (const wire::Row& row : table.rows) {
    places.push_back(reinterpret_cast<char*>(&object) + row.offset);
  }
  return places;
}

template <class Struct, const wire::Table& Table>
void Encode(benchmark::State& state) {
  Struct object;
  const auto places = PlacesIn<const void*>(Table, object);
  wire::Encoder encoder;
  std::size_t length = 0;
  for (auto _ : state) {
    const auto encoded = encoder.Encode(Table, places, kMaxBytes);
    if (!encoded.has_value()) return state.SkipWithError("refused");
    length = encoded->bytes.size();
    benchmark::DoNotOptimize(encoded->bytes.data());
  }
  state.counters["bytes"] = static_cast<double>(length);
}

template <class Struct, const wire::Table& Table>
std::vector<std::byte> Message() {
  Struct object;
  wire::Encoder encoder;
  const auto encoded = encoder.Encode(Table, PlacesIn<const void*>(Table, object), kMaxBytes);
  if (!encoded.has_value()) return {};
  return {encoded->bytes.begin(), encoded->bytes.end()};
}

template <class Struct, const wire::Table& Table>
void Decode(benchmark::State& state) {
  const std::vector<std::byte> message = Message<Struct, Table>();
  Struct object;
  const auto places = PlacesIn<void*>(Table, object);
  for (auto _ : state) {
    const auto decoded = wire::Decode(Table, message, places);
    if (!decoded.has_value()) return state.SkipWithError("refused");
    benchmark::DoNotOptimize(object);
  }
  state.counters["bytes"] = static_cast<double>(message.size());
}

template <class Struct, const wire::Table& Table>
void Memcpy(benchmark::State& state) {
  const std::vector<std::byte> message = Message<Struct, Table>();
  std::vector<std::byte> copy(message.size());
  for (auto _ : state) {
    std::memcpy(copy.data(), message.data(), message.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  }
  state.counters["bytes"] = static_cast<double>(message.size());
}

// The yardstick: the FlatBuffers library, by hand.
void FlatBuffersEncodeNumbers(benchmark::State& state) {
  const EightNumbers object;
  flatbuffers::FlatBufferBuilder builder;
  for (auto _ : state) {
    builder.Clear();
    const auto start = builder.StartTable();
    for (std::uint16_t n = 0; n < 8; ++n) {
      builder.AddElement(flatbuffers::FieldIndexToOffset(n), object.numbers[n]);
    }
    builder.Finish(flatbuffers::Offset<void>(builder.EndTable(start)));
    benchmark::DoNotOptimize(builder.GetBufferPointer());
  }
}

struct NumbersRoot : private flatbuffers::Table {
  bool Verify(flatbuffers::Verifier& verifier) const {
    bool good = VerifyTableStart(verifier);
    for (std::uint16_t n = 0; n < 8; ++n) {
      good = good && VerifyField<std::uint64_t>(verifier, flatbuffers::FieldIndexToOffset(n), 8);
    }
    return good && verifier.EndTable();
  }
  std::uint64_t number(std::uint16_t n) const {
    return GetField<std::uint64_t>(flatbuffers::FieldIndexToOffset(n), 0);
  }
};

void FlatBuffersDecodeNumbers(benchmark::State& state) {
  const std::vector<std::byte> message = Message<EightNumbers, kEightNumbers>();
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(message.data());
  EightNumbers object;
  for (auto _ : state) {
    flatbuffers::Verifier verifier(bytes, message.size());
    if (!verifier.VerifyBuffer<NumbersRoot>(nullptr)) return state.SkipWithError("refused");
    const auto* const root = flatbuffers::GetRoot<NumbersRoot>(bytes);
    for (std::uint16_t n = 0; n < 8; ++n) object.numbers[n] = root->number(n);
    benchmark::DoNotOptimize(object);
  }
}

void FlatBuffersEncodeBlob(benchmark::State& state) {
  const Blob object;
  flatbuffers::FlatBufferBuilder builder;
  for (auto _ : state) {
    builder.Clear();
    const auto* const first = reinterpret_cast<const std::uint8_t*>(object.bytes.data());
    const auto blob = builder.CreateVector(first, object.bytes.size());
    const auto start = builder.StartTable();
    builder.AddElement(flatbuffers::FieldIndexToOffset(0), object.frame);
    builder.AddElement(flatbuffers::FieldIndexToOffset(1), object.format);
    builder.AddOffset(flatbuffers::FieldIndexToOffset(2), blob);
    builder.Finish(flatbuffers::Offset<void>(builder.EndTable(start)));
    benchmark::DoNotOptimize(builder.GetBufferPointer());
  }
}

BENCHMARK_TEMPLATE(Encode, EightNumbers, kEightNumbers)->Name("wire/encode/8_uint64");
BENCHMARK(FlatBuffersEncodeNumbers)->Name("wire/flatbuffers_encode/8_uint64");
BENCHMARK_TEMPLATE(Decode, EightNumbers, kEightNumbers)->Name("wire/decode/8_uint64");
BENCHMARK(FlatBuffersDecodeNumbers)->Name("wire/flatbuffers_decode/8_uint64");
BENCHMARK_TEMPLATE(Encode, Blob, kBlob)->Name("wire/encode/1_KiB_bytes");
BENCHMARK(FlatBuffersEncodeBlob)->Name("wire/flatbuffers_encode/1_KiB_bytes");
BENCHMARK_TEMPLATE(Decode, Blob, kBlob)->Name("wire/decode/1_KiB_bytes");
BENCHMARK_TEMPLATE(Encode, Words, kWords)->Name("wire/encode/128_uint64");
BENCHMARK_TEMPLATE(Decode, Words, kWords)->Name("wire/decode/128_uint64");
BENCHMARK_TEMPLATE(Encode, Scalars, kScalars)->Name("wire/encode/8_scalars");
BENCHMARK_TEMPLATE(Decode, Scalars, kScalars)->Name("wire/decode/8_scalars");
BENCHMARK_TEMPLATE(Memcpy, Scalars, kScalars)->Name("wire/memcpy/8_scalars");
BENCHMARK_TEMPLATE(Encode, Text, kText)->Name("wire/encode/64_byte_string");
BENCHMARK_TEMPLATE(Decode, Text, kText)->Name("wire/decode/64_byte_string");
BENCHMARK_TEMPLATE(Memcpy, Text, kText)->Name("wire/memcpy/64_byte_string");
BENCHMARK_TEMPLATE(Encode, Numbers, kNumbers)->Name("wire/encode/1000_numbers");
BENCHMARK_TEMPLATE(Decode, Numbers, kNumbers)->Name("wire/decode/1000_numbers");
BENCHMARK_TEMPLATE(Memcpy, Numbers, kNumbers)->Name("wire/memcpy/1000_numbers");
BENCHMARK_TEMPLATE(Encode, Rows, kRows)->Name("wire/encode/1000_structs");
BENCHMARK_TEMPLATE(Decode, Rows, kRows)->Name("wire/decode/1000_structs");
BENCHMARK_TEMPLATE(Memcpy, Rows, kRows)->Name("wire/memcpy/1000_structs");

}  // namespace
