#include "tests/support/golden.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace baton::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kContext = 3;

// Beyond this many pairs of lines a difference is shown as one block, not line by line.
constexpr std::size_t kMaxPairs = 4'000'000;

struct Edit {
  char mark;  // ' ' in both, '-' expected only, '+' actual only
  std::string_view line;
  std::size_t number;  // in the expected text, from 1
};

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// common[i][j]: the length of the longest common subsequence of expected[i..] and actual[j..].
std::vector<std::vector<int>> CommonLengths(const std::vector<std::string_view>& expected,
                                            const std::vector<std::string_view>& actual) {
  std::vector common(expected.size() + 1, std::vector<int>(actual.size() + 1));
  if (expected.size() * actual.size() > kMaxPairs) return common;
  for (std::size_t i = expected.size(); i-- > 0;) {
    for (std::size_t j = actual.size(); j-- > 0;) {
      common[i][j] = expected[i] == actual[j] ? common[i + 1][j + 1] + 1
                                              : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  return common;
}

std::vector<Edit> Edits(const std::vector<std::string_view>& expected,
                        const std::vector<std::string_view>& actual) {
  const auto common = CommonLengths(expected, actual);
  std::vector<Edit> edits;
  std::size_t i = 0, j = 0;
  while (i < expected.size() || j < actual.size()) {
    if (i < expected.size() && j < actual.size() && expected[i] == actual[j]) {
      edits.push_back({' ', expected[i], i + 1});
      ++i, ++j;
    } else if (j == actual.size() ||
               (i < expected.size() && common[i + 1][j] >= common[i][j + 1])) {
      edits.push_back({'-', expected[i], i + 1});
      ++i;
    } else {
      edits.push_back({'+', actual[j], i + 1});
      ++j;
    }
  }
  return edits;
}

void Bless(const fs::path& golden, std::string_view actual) {
  fs::create_directories(golden.parent_path());
  std::ofstream file(golden, std::ios::binary);
  file << actual;
  file.close();
  if (!file) FAIL("cannot write " << golden);
}

}  // namespace

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) FAIL("cannot read " << path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void CompareGolden(const fs::path& golden, std::string_view actual) {
  const bool same = fs::exists(golden) && ReadFile(golden) == actual;
  if (const char* const bless = std::getenv("BATONC_BLESS");
      !same && bless != nullptr && bless == std::string_view("1")) {
    Bless(golden, actual);
    return;
  }
  INFO(golden.string() << " (BATONC_BLESS=1 rewrites it)");
  if (same) {
    SUCCEED();
  } else if (!fs::exists(golden)) {
    FAIL_CHECK("there is no such file; it should say\n" << actual);
  } else {
    FAIL_CHECK(DescribeDifference(ReadFile(golden), actual));
  }
}

std::string DescribeDifference(std::string_view expected, std::string_view actual) {
  const std::vector<Edit> edits = Edits(Lines(expected), Lines(actual));
  std::vector<bool> shown(edits.size());
  for (std::size_t at = 0; at < edits.size(); ++at) {
    if (edits[at].mark == ' ') continue;
    const std::size_t first = at - std::min(at, kContext);
    const std::size_t last = std::min(at + kContext, edits.size() - 1);
    std::fill(shown.begin() + first, shown.begin() + last + 1, true);
  }

  std::ostringstream text;
  for (std::size_t at = 0; at < edits.size(); ++at) {
    if (!shown[at]) continue;
    if (at == 0 || !shown[at - 1]) text << "@ line " << edits[at].number << "\n";
    text << edits[at].mark << edits[at].line;
    if (!edits[at].line.ends_with('\n')) text << " (no end of line)\n";
  }
  return text.str();
}

}  // namespace baton::testing
