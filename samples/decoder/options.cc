#include "samples/decoder/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <system_error>

namespace samples {
namespace {

constexpr int kUsage = 2;
constexpr const char* kPackage = "/usr/share/backgrounds/mate";

// What lies next to the program that runs.
std::string Beside(const char* name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / name).string();
}

// What the package has of 2 megapixels and more. A list, because this program does not look into
// pictures and cannot tell.
constexpr const char* kLargeOnes[] = {
    "abstract/Elephants.jpg",
    "abstract/Elephants_3840x2160.jpg",
    "abstract/Elephants_5640x3172.jpg",
    "nature/Aqua.jpg",
    "nature/Blinds.jpg",
    "nature/Garden.jpg",
    "nature/LadyBird.jpg",
    "nature/RainDrops.jpg",
    "nature/Storm.jpg",
    "nature/TwoWings.jpg",
    "nature/Wood.jpg",
    "nature/YellowFlower.jpg",
    "abstract/Arc-Colors-Transparent-Wallpaper.png",
    "abstract/Flow.png",
    "abstract/Gulp.png",
};

// None when the package is not installed.
std::vector<Input> Photographs() {
  std::vector<Input> inputs;
  std::error_code error;
  for (const char* name : kLargeOnes) {
    const auto path = std::filesystem::path(kPackage) / name;
    if (std::filesystem::exists(path, error)) inputs.push_back({path, path.filename().string()});
  }
  return inputs;
}

}  // namespace

std::optional<Options> ParseOptions(int argc, char* argv[], int& exit_code) {
  Options options;
  options.decoder.program = Beside("decoder_child");
  double deadline = 10;
  std::vector<std::string> files;
  CLI::App app("Makes thumbnails of pictures, which a locked-up process decodes.", "decoder");
  app.add_option("FILES", files,
                 "PNG and JPEG files; without any, the large ones of Debian's mate-backgrounds");
  app.add_option("--out", options.out, "The folder for the thumbnails")->capture_default_str();
  app.add_option("--max-pixels", options.decoder.max_pixels, "Refuse larger pictures")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{2'000'000'000}))
      ->capture_default_str();
  app.add_option("--deadline", deadline, "Seconds that the decoder may spend on one file")
      ->check(CLI::Range(0.001, 86'400.0))
      ->capture_default_str();
  app.add_option("--restarts", options.decoder.restarts.max_restarts,
                 "Give up when more decoders than this have to be replaced within a minute")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--child", options.decoder.program, "Another decoder program");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : kUsage;
    return std::nullopt;
  }
  options.decoder.deadline = std::chrono::milliseconds(static_cast<std::int64_t>(deadline * 1000));
  for (const std::string& file : files) options.inputs.push_back({file, file});
  if (files.empty()) options.inputs = Photographs();
  if (!options.inputs.empty()) return options;
  std::fprintf(
      stderr,
      "decoder: no pictures in %s; install them (apt-get install mate-backgrounds) or name "
      "some files\n",
      kPackage);
  exit_code = kUsage;
  return std::nullopt;
}

}  // namespace samples
