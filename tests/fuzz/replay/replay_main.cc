// Feeds every file of the folders given to a fuzz target, and the empty input first. libFuzzer's
// own main does this too, but exists for clang only.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Of targets that count what they reach.
extern "C" [[gnu::weak]] bool FuzzTargetWasReached();

namespace {

// How many files were fed; -1 when the folder or one of them cannot be read.
int Replay(const std::filesystem::path& folder) {
  std::error_code error;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::printf("%s\n", entry.path().c_str());  // the last line names the input that crashed
    std::fflush(stdout);
    std::ifstream file(entry.path(), std::ios::binary);
    if (!file) return -1;
    const std::vector<char> input{std::istreambuf_iterator<char>(file), {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    ++count;
  }
  return error ? -1 : count;
}

}  // namespace

int main(int argc, char* argv[]) {
  LLVMFuzzerTestOneInput(nullptr, 0);
  for (int at = 1; at < argc; ++at) {
    if (Replay(argv[at]) > 0) continue;
    std::fprintf(stderr, "%s: no corpus to replay\n", argv[at]);
    return 1;
  }
  if (FuzzTargetWasReached != nullptr && argc > 1 && !FuzzTargetWasReached()) return 1;
  return argc > 1 ? 0 : 2;
}
