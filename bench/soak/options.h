// What a soak is asked to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace soak {

// A mistake that a soak makes on purpose, so that it can be seen to find it.
enum class Plant : std::uint8_t {
  kNone,
  kLeakDescriptor,
  kLeakMemory,
  kLeakSegment,
  kSkipNumber,       // as if a message was lost
  kSpoilContent,     // as if memory was changed on the way
  kForgetAnswer,     // as if a completion was lost
  kKillUnannounced,  // as if one child's death had ended another one's channel
};

struct Options {
  std::uint64_t seed = 0;
  std::uint64_t seconds = 600;  // no round begins after that
  std::uint64_t rounds = 0;     // as many at most; 0: as many as there is time for
  std::uint32_t children = 10;
  std::uint64_t patience = 60;  // seconds in which something must happen
  Plant plant = Plant::kNone;
};

// How to call it, with a line for each option.
std::string Usage();

// Of main's arguments, without the program's name. nullopt: they are wrong. Without a --seed there
// is a new one each time.
std::optional<Options> ParseOptions(int count, const char* const* arguments);

// The command that does the same again, up to the end of that round.
std::string Replay(const Options& options, std::uint64_t round);

}  // namespace soak
