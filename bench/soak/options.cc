#include "bench/soak/options.h"

#include <array>
#include <charconv>
#include <random>
#include <string_view>

namespace soak {
namespace {

struct PlantName {
  std::string_view name;
  Plant plant;
};
constexpr std::array kPlants = {
    PlantName{"leak_descriptor", Plant::kLeakDescriptor},
    PlantName{"leak_memory", Plant::kLeakMemory},
    PlantName{"leak_segment", Plant::kLeakSegment},
    PlantName{"skip_number", Plant::kSkipNumber},
    PlantName{"spoil_content", Plant::kSpoilContent},
    PlantName{"forget_answer", Plant::kForgetAnswer},
    PlantName{"kill_unannounced", Plant::kKillUnannounced},
};

// True when `text` is a number of at least `least`, and nothing else.
template <class Number>
bool Read(std::string_view text, Number least, Number& into) {
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, into);
  return error == std::errc() && last == end && into >= least;
}

bool ReadPlant(std::string_view text, Plant& into) {
  for (const auto& [name, plant] : kPlants) {
    if (name == text) into = plant;
  }
  return into != Plant::kNone;
}

bool ReadOption(std::string_view name, std::string_view value, Options& options) {
  if (name == "--seed") return Read<std::uint64_t>(value, 0, options.seed);
  if (name == "--seconds") return Read<std::uint64_t>(value, 0, options.seconds);
  if (name == "--rounds") return Read<std::uint64_t>(value, 1, options.rounds);
  if (name == "--children") return Read<std::uint32_t>(value, 1, options.children);
  if (name == "--patience") return Read<std::uint64_t>(value, 1, options.patience);
  if (name == "--plant") return ReadPlant(value, options.plant);
  return false;
}

}  // namespace

std::string Usage() {
  std::string text =
      "usage: soak [OPTION VALUE]...\n\n"
      "  --seconds N    no round begins after as many (600)\n"
      "  --seed S       which plan; without it a new one each time\n"
      "  --children N   how many child processes (10)\n"
      "  --rounds N     at most as many rounds\n"
      "  --patience N   it has failed when nothing happens for as many seconds (60)\n"
      "  --plant WHAT   makes a mistake on purpose, which must be found:\n";
  for (const auto& [name, plant] : kPlants) text.append("                 ").append(name) += "\n";
  return text;
}

std::optional<Options> ParseOptions(int count, const char* const* arguments) {
  Options options;
  options.seed = std::random_device()();
  if (count % 2 != 0) return std::nullopt;
  for (int at = 0; at < count; at += 2) {
    if (!ReadOption(arguments[at], arguments[at + 1], options)) return std::nullopt;
  }
  return options;
}

std::string Replay(const Options& options, std::uint64_t round) {
  return "./dev bench soak --seed " + std::to_string(options.seed) + " --children " +
         std::to_string(options.children) + " --rounds " + std::to_string(round + 1);
}

}  // namespace soak
