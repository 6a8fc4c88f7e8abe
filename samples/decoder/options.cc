#include "samples/decoder/options.h"

#include <algorithm>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <system_error>

namespace samples {
namespace {

constexpr int kUsage = 2;
constexpr const char* kPhotographs = "/usr/share/backgrounds/mate";

// What lies next to the program that runs.
std::string Beside(const char* name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / name).string();
}

// Those with this extension, sorted; none when there is no such folder.
void AddFiles(const std::filesystem::path& folder, const char* extension,
              std::vector<Input>& inputs) {
  std::error_code error;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == extension) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  for (const auto& path : found) inputs.push_back({path, path.filename().string()});
}

std::vector<Input> Photographs() {
  std::vector<Input> inputs;
  AddFiles(std::filesystem::path(kPhotographs) / "nature", ".jpg", inputs);
  AddFiles(std::filesystem::path(kPhotographs) / "abstract", ".png", inputs);
  return inputs;
}

}  // namespace

std::optional<Options> ParseOptions(int argc, char* argv[], int& exit_code) {
  Options options;
  options.decoder.program = Beside("decoder_child");
  double deadline = 10;
  std::vector<std::string> files;
  CLI::App app("Makes thumbnails of pictures, which a locked-up process decodes.", "decoder");
  app.add_option("FILES", files, "PNG and JPEG files; without any, Debian's mate-backgrounds");
  app.add_option("--out", options.out, "The folder for the thumbnails")->capture_default_str();
  app.add_option("--max-pixels", options.decoder.max_pixels, "Refuse larger pictures")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{2'000'000'000}))
      ->capture_default_str();
  app.add_option("--deadline", deadline, "Seconds that decoding one file may take")
      ->check(CLI::Range(0.001, 86'400.0))
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
      kPhotographs);
  exit_code = kUsage;
  return std::nullopt;
}

}  // namespace samples
