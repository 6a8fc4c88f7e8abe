// Which messages BATON_LOG selects.
#include "runtime/looking/message_patterns.h"

#include <catch2/catch.hpp>

#include "tests/support/must.h"

using baton::Errc;
using baton::internal::FitsWildcards;
using baton::internal::MessagePatterns;
using baton::testing::Must;

namespace {

bool Selects(std::string_view patterns, std::string_view message) {
  return Must(MessagePatterns::Parse(patterns)).Select(message);
}

bool SelectsProtocol(std::string_view patterns, std::string_view protocol) {
  return Must(MessagePatterns::Parse(patterns)).SelectProtocol(protocol);
}

}  // namespace

TEST_CASE("a star fits any characters, also none", "[looking]") {
  CHECK(FitsWildcards("", ""));
  CHECK(FitsWildcards("*", ""));
  CHECK(FitsWildcards("**", "abc"));
  CHECK(FitsWildcards("a*c", "ac"));
  CHECK(FitsWildcards("a*c", "abcbc"));
  CHECK(FitsWildcards("*b*", "abc"));
  CHECK(FitsWildcards("*ab", "aab"));
  CHECK_FALSE(FitsWildcards("", "a"));
  CHECK_FALSE(FitsWildcards("abc", "ab"));
  CHECK_FALSE(FitsWildcards("ab", "abc"));
  CHECK_FALSE(FitsWildcards("a*c", "acb"));
  CHECK_FALSE(FitsWildcards("a.c", "abc"));
}

TEST_CASE("many stars take no more than the product of the lengths", "[looking]") {
  std::string pattern;
  for (int n = 0; n < 500; ++n) pattern += "*a";
  CHECK_FALSE(FitsWildcards(pattern + "b", std::string(20'000, 'a')));
}

TEST_CASE("a pattern names a protocol with or without its namespace", "[looking]") {
  CHECK(Selects("*", "media::PDecoder::Decode"));
  CHECK(Selects("PDecoder", "media::PDecoder::Decode"));
  CHECK(Selects("PDecoder:*", "media::PDecoder::Decode"));
  CHECK(Selects("media::PDecoder:Decode", "media::PDecoder::Decode"));
  CHECK(Selects("media::*:Dec*", "media::PDecoder::Decode"));
  CHECK(Selects("media::PDecoder", "media::PDecoder::Decode"));
  CHECK(Selects("PDecoder:Decode", "PDecoder::Decode"));
  CHECK_FALSE(Selects("media", "media::PDecoder::Decode"));
  CHECK_FALSE(Selects("PDecoder:Encode", "media::PDecoder::Decode"));
  CHECK_FALSE(Selects("other::PDecoder", "media::PDecoder::Decode"));
  CHECK_FALSE(Selects("Decoder", "media::PDecoder::Decode"));
}

TEST_CASE("a minus leaves out, wherever it stands", "[looking]") {
  CHECK(Selects("-PA:X, PA", "PA::Y"));
  CHECK_FALSE(Selects("-PA:X, PA", "PA::X"));
  CHECK_FALSE(Selects("PA,-PA:X", "PA::X"));
  CHECK_FALSE(Selects("PA,-PA:X", "PB::Y"));
  CHECK(Selects("-PA:X", "PB::Y"));  // nothing but minuses: all others
  CHECK_FALSE(Selects("-PA:X", "PA::X"));
}

TEST_CASE("a protocol is selected when one of its messages may be", "[looking]") {
  CHECK(SelectsProtocol("PA:X", "ns::PA"));
  CHECK(SelectsProtocol("*,-PA:X", "ns::PA"));
  CHECK_FALSE(SelectsProtocol("*,-PA", "ns::PA"));
  CHECK_FALSE(SelectsProtocol("PB", "ns::PA"));
}

TEST_CASE("a list that makes no sense is refused", "[looking]") {
  for (const char* const text : {"", " ", ",", "PA:", ":X", "-", "PA,-:X", " : "}) {
    INFO(text);
    const auto parsed = MessagePatterns::Parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == Errc::kInvalidValue);
  }
  CHECK(MessagePatterns::Parse(" PA : X ,, "));
}
