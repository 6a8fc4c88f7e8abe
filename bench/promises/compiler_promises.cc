// What batonc promises, over a corpus of the shape of a browser's protocols (bench/corpus).
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "bench/promises/promise.h"

namespace bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 15;

struct Run {
  double milliseconds = 0;
  double megabytes = 0;  // most that was resident at once
};

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "promises: %s\n", why.c_str());
  std::exit(2);
}

double MillisecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// A program to its end; anything but success ends the benchmark. What it prints is dropped.
Run RunProgram(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);  // warnings

  const auto begin = Clock::now();
  pid_t pid = 0;
  if (posix_spawnp(&pid, pointers[0], &actions, nullptr, pointers.data(), environ) != 0) {
    Stop("cannot start " + arguments[0]);
  }
  int status = 0;
  rusage used = {};
  if (wait4(pid, &status, 0, &used) != pid || status != 0) Stop(arguments[0] + " failed");
  const double took = MillisecondsSince(begin);
  posix_spawn_file_actions_destroy(&actions);
  return {took, static_cast<double>(used.ru_maxrss) / 1024};
}

std::vector<fs::path> FilesBelow(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string Read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// In memory where there is such a folder, as a disk takes its own time for a thousand new files.
fs::path ScratchRoot() {
  const fs::path memory = "/dev/shm";
  return fs::is_directory(memory) ? memory : fs::temp_directory_path();
}

// The corpus, written once per scale into a folder that goes away with the program.
class Corpus {
 public:
  explicit Corpus(int scale) {
    std::string name = (ScratchRoot() / "baton_corpus_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) Stop("cannot make a folder below " + name);
    folder_ = name;
    RunProgram({"python3", "-B", CORPUS_SCRIPT, "--scale", std::to_string(scale), "--output",
                (folder_ / "in").string()});
    for (const fs::path& file : FilesBelow(folder_ / "in")) {
      const auto ending = file.extension();
      if (ending == ".ipdl" || ending == ".ipdlh") files_.push_back(file);
    }
  }
  Corpus(const Corpus&) = delete;
  Corpus& operator=(const Corpus&) = delete;
  ~Corpus() { fs::remove_all(folder_); }

  const std::vector<fs::path>& files() const { return files_; }
  fs::path output() const { return folder_ / "out"; }

  std::vector<std::string> Command(const std::string& verb) const {
    std::vector<std::string> command = {BATONC, verb, "-I", (folder_ / "in").string()};
    if (verb == "compile") command.insert(command.end(), {"-o", output().string()});
    for (const fs::path& file : files_) command.push_back(file.string());
    return command;
  }

  // All output anew.
  Run Compile() const {
    fs::remove_all(output());
    return RunProgram(Command("compile"));
  }

  // What the bytes alone cost: every input read, as many files of the same content written.
  double CopyBytes(bool with_output) const {
    if (with_output && !fs::exists(output())) Compile();
    std::vector<std::string> texts;
    if (with_output) {
      for (const fs::path& file : FilesBelow(output())) texts.push_back(Read(file));
    }
    const fs::path copy = folder_ / "copy";
    fs::create_directory(copy);
    const auto begin = Clock::now();
    std::size_t bytes = 0;
    for (const fs::path& file : files_) bytes += Read(file).size();
    int number = 0;
    for (const std::string& text : texts) {
      std::ofstream(copy / std::to_string(number++), std::ios::binary) << text;
    }
    const double took = MillisecondsSince(begin);
    if (bytes == 0) Stop("the corpus is empty");
    fs::remove_all(copy);
    return took;
  }

 private:
  fs::path folder_;
  std::vector<fs::path> files_;
};

const Corpus& Browser() {
  static const Corpus corpus(1);
  return corpus;
}

const Corpus& TenBrowsers() {
  static const Corpus corpus(10);
  return corpus;
}

template <class Call>
double MedianOf(Call call) {
  std::vector<double> values;
  for (int i = 0; i < kRounds; ++i) values.push_back(call());
  std::ranges::nth_element(values, values.begin() + kRounds / 2);
  return values[kRounds / 2];
}

std::size_t CountOf(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

Measured CompileOf150Files() {
  const Corpus& corpus = Browser();
  return {MedianOf([&] { return corpus.Compile().milliseconds; }),
          MedianOf([&] { return corpus.CopyBytes(true); })};
}

Measured CheckOf150Files() {
  const Corpus& corpus = Browser();
  return {MedianOf([&] { return RunProgram(corpus.Command("check")).milliseconds; }),
          MedianOf([&] { return corpus.CopyBytes(false); })};
}

Measured NoChangeIn150Files() {
  const Corpus& corpus = Browser();
  corpus.Compile();
  return {MedianOf([&] { return RunProgram(corpus.Command("compile")).milliseconds; }),
          MedianOf([&] { return corpus.CopyBytes(false); })};
}

Measured MemoryFor150Files() {
  const Corpus& corpus = Browser();
  return {corpus.Compile().megabytes, RunProgram({BATONC, "--version"}).megabytes};
}

// For ten times the files, against ten times the time.
Measured CompileOf1500Files() {
  return {MedianOf([] { return TenBrowsers().Compile().milliseconds; }),
          10 * MedianOf([] { return Browser().Compile().milliseconds; })};
}

Measured LinesPerMessage() {
  Browser().Compile();
  std::size_t lines = 0;
  std::size_t messages = 0;
  for (const fs::path& file : FilesBelow(Browser().output())) {
    const auto ending = file.extension();
    if (ending == ".h" || ending == ".cc") lines += CountOf(Read(file), "\n");
    if (ending == ".json") messages += CountOf(Read(file), "\"returns\":");
  }
  if (messages == 0) Stop("no message was found in the models");
  return {static_cast<double>(lines) / static_cast<double>(messages), 438};
}

// One generated header alone, against the standard headers that it stands on.
Measured HeaderAlone() {
  const auto syntax_only = [](const std::string& file) {
    return MedianOf([&] {
      return RunProgram({"g++", "-std=c++20", "-fsyntax-only", "-x", "c++", "-I", GOLDEN_FOLDER,
                         "-I", RUNTIME_HEADERS, "-I", PLATFORM_HEADERS, file})
                 .milliseconds /
             1000;
    });
  };
  return {syntax_only(GOLDEN_FOLDER "/decoderParent.h"), syntax_only(STANDARD_HEADERS)};
}

}  // namespace bench
