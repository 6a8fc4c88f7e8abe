// Files with the expected result beside the tests.
//
// With BATONC_BLESS=1 in the environment CompareGolden writes what it was given instead of
// comparing; the diff is then reviewed like code.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace baton::testing {

// The whole file; fails the test when it cannot be read.
std::string ReadFile(const std::filesystem::path& path);

// Fails the test (as CHECK does), with the lines that differ, unless the file says exactly
// `actual`.
void CompareGolden(const std::filesystem::path& golden, std::string_view actual);

// The lines that differ, "-" expected and "+" actual, with three lines of context and their numbers
// in the expected text. Empty when the texts are the same.
std::string DescribeDifference(std::string_view expected, std::string_view actual);

}  // namespace baton::testing
