// Every problem has a number of its own, a page in docs/diagnostics, and a golden that shows it.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "compiler/driver/explain.h"
#include "tests/support/golden.h"

namespace batonc {
namespace {

using baton::testing::ReadFile;

const std::filesystem::path kProblemsSource = BATON_SOURCE_DIR;

// In the order of compiler/diag/problems.h, which is a list that a program can read as well.
std::vector<int> Numbers() {
  const std::string text = ReadFile(kProblemsSource / "compiler/diag/problems.h");
  const std::regex row(R"(Severity::k(?:Error|Warning|Note),\s*(\d+))");
  std::vector<int> numbers;
  for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at) {
    numbers.push_back(std::stoi((*at)[1]));
  }
  return numbers;
}

std::set<std::string> ShownByGoldens() {
  std::set<std::string> shown;
  const std::regex code(R"((?:error|warning|note)\[(E\d+)\])");
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(kProblemsSource / "tests/golden")) {
    const bool is_diff = entry.path().parent_path().filename() == "diff";
    if (entry.path().extension() != (is_diff ? ".txt" : ".stderr")) continue;
    const std::string text = ReadFile(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), code), end; at != end; ++at) {
      shown.insert((*at)[1]);
    }
  }
  return shown;
}

TEST_CASE("problems are listed by number, each once") {
  const std::vector<int> numbers = Numbers();
  REQUIRE(numbers.size() > 40);
  for (std::size_t i = 1; i < numbers.size(); ++i) CHECK(numbers[i - 1] < numbers[i]);
}

TEST_CASE("every problem has a page and a golden") {
  const std::set<std::string> shown = ShownByGoldens();
  for (const int number : Numbers()) {
    const std::string code = fmt::format("E{:04}", number);
    INFO(code);
    CHECK(shown.contains(code));
    const auto page = kProblemsSource / "docs/diagnostics" / (code + ".md");
    REQUIRE(std::filesystem::exists(page));
    const std::string text = ReadFile(page);
    CHECK(text.starts_with("# " + code + ": "));
    for (const char* part : {"\nWrong:\n", "\nRight:\n"}) {
      INFO(part);
      CHECK(text.find(part) != text.npos);
    }
    CHECK(Explain(code) == text);
  }
}

TEST_CASE("every page belongs to a problem") {
  const std::vector<int> numbers = Numbers();
  for (const auto& entry :
       std::filesystem::directory_iterator(kProblemsSource / "docs/diagnostics")) {
    const std::string name = entry.path().stem().string();
    if (!name.starts_with('E')) continue;
    INFO(name);
    CHECK(std::count(numbers.begin(), numbers.end(), std::stoi(name.substr(1))) == 1);
  }
}

TEST_CASE("explain takes a code in any spelling and refuses what is none") {
  CHECK(Explain("301") == Explain("E0301"));
  CHECK(Explain("e301") == Explain("E0301"));
  for (const char* code : {"", "E", "E9999", "E0301x", "unknown", "-301"}) {
    INFO(code);
    CHECK(Explain(code) == std::nullopt);
  }
}

}  // namespace
}  // namespace batonc
