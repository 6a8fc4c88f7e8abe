// SSE2, which every x86-64 has; plain stores elsewhere.
#include <baton/platform/streaming_stores.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <baton/base/check.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#define BATON_HAS_STREAMING_STORES 1
#else
#define BATON_HAS_STREAMING_STORES 0
#endif

namespace baton::platform {

#if BATON_HAS_STREAMING_STORES

namespace {

constexpr std::size_t kLine = 64;  // four stores, which leave the processor as one

// How many bytes there are before the first line.
std::size_t HeadOf(std::span<const std::byte> to) {
  const std::size_t over = reinterpret_cast<std::uintptr_t>(to.data()) % kLine;
  return over == 0 ? 0 : std::min(kLine - over, to.size());
}

__m128i* At(std::byte* address) {
  return reinterpret_cast<__m128i*>(address);
}

}  // namespace

void StreamFillAlways(std::span<std::byte> to, std::byte value) {
  const std::size_t head = HeadOf(to);
  std::fill_n(to.begin(), head, value);
  const __m128i all = _mm_set1_epi8(static_cast<char>(value));
  std::byte* at = to.data() + head;
  for (std::size_t lines = (to.size() - head) / kLine; lines > 0; --lines, at += kLine) {
    for (std::size_t part = 0; part < kLine; part += sizeof(all)) {
      _mm_stream_si128(At(at + part), all);
    }
  }
  std::fill(at, to.data() + to.size(), value);
  _mm_sfence();  // such stores are ordered with nothing else
}

void StreamCopyAlways(std::span<std::byte> to, std::span<const std::byte> from) {
  BATON_CHECK(to.size() == from.size());
  const std::size_t head = HeadOf(to);
  if (head > 0) std::memcpy(to.data(), from.data(), head);
  std::byte* at = to.data() + head;
  const std::byte* source = from.data() + head;
  for (std::size_t lines = (to.size() - head) / kLine; lines > 0; --lines, at += kLine) {
    for (std::size_t part = 0; part < kLine; part += sizeof(__m128i)) {
      const auto* const address = reinterpret_cast<const __m128i*>(source + part);
      _mm_stream_si128(At(at + part), _mm_loadu_si128(address));
    }
    source += kLine;
  }
  std::copy(source, from.data() + from.size(), at);
  _mm_sfence();
}

#else

void StreamFillAlways(std::span<std::byte> to, std::byte value) {
  std::ranges::fill(to, value);
}

void StreamCopyAlways(std::span<std::byte> to, std::span<const std::byte> from) {
  BATON_CHECK(to.size() == from.size());
  std::ranges::copy(from, to.begin());
}

#endif

void StreamFill(std::span<std::byte> to, std::byte value) {
  if (to.size() >= kStreamFillFrom) return StreamFillAlways(to, value);
  std::ranges::fill(to, value);
}

void StreamCopy(std::span<std::byte> to, std::span<const std::byte> from) {
  BATON_CHECK(to.size() == from.size());
  if (to.size() >= kStreamCopyFrom) return StreamCopyAlways(to, from);
  std::ranges::copy(from, to.begin());
}

}  // namespace baton::platform
