// Lines of the message log: what they say, how long they are, and what a terminal makes of them.
#include "runtime/looking/message_log.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "runtime/looking/escaped.h"
#include "runtime/looking/shared_bytes.h"
#include "runtime/wire/utf8.h"
#include "tests/support/must.h"
#include "tests/unit/runtime/wire_kinds.h"

namespace baton::internal {

using namespace std::chrono_literals;

namespace {

constexpr Moment kWhen{1'234s + 5'678us};

MessageSight Sight() {
  return {.channel = {"media::PDecoder", baton::Side::kChild, 2},
          .message = "media::PDecoder::Decode",
          .kind = FrameKind::kMessage,
          .is_sent = false,
          .call = 7,
          .bytes = 56,
          .values = "{name: \"x\"}"};
}

bool IsHarmless(std::string_view text) {
  const bool has_control = std::ranges::any_of(text, [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte < 0x20 || byte == 0x7f;
  });
  bool has_c1 = false;
  for (std::size_t n = 1; n < text.size(); ++n) {
    const auto byte = static_cast<unsigned char>(text[n]);
    has_c1 = has_c1 || (text[n - 1] == '\xc2' && byte >= 0x80 && byte < 0xa0);
  }
  return !has_control && !has_c1 && baton::wire::IsUtf8(text);
}

}  // namespace

TEST_CASE("what a terminal would obey is escaped", "[looking]") {
  CHECK(Escaped("plain \"text\" \\", 100) == "plain \"text\" \\");
  CHECK(Escaped("h\u00e9 \u20ac \U0001f600", 100) == "h\u00e9 \u20ac \U0001f600");
  CHECK(Escaped("\x1b[2J\r\n\t\x7f", 100) == "\\x1b[2J\\x0d\\x0a\\x09\\x7f");
  CHECK(Escaped("\u009b31m", 100) == "\\xc2\\x9b31m");         // CSI in one letter
  CHECK(Escaped("a\u202eb", 100) == "a\\xe2\\x80\\xaeb");      // right to left
  CHECK(Escaped("\x9b\xff\xc3(", 100) == "\\x9b\\xff\\xc3(");  // no UTF-8
  CHECK(Escaped("\xe2\x82", 100) == "\\xe2\\x82");             // cut inside of a letter
  CHECK(Escaped(std::string_view("a\0b", 3), 100) == "a\\x00b");
}

TEST_CASE("escaped text is cut between two letters", "[looking]") {
  CHECK(Escaped("abcdef", 6) == "abcdef");
  CHECK(Escaped("abcdefg", 6) == "abc...");
  CHECK(Escaped("a\u20ac\u20ac", 6) == "a...");
  CHECK(Escaped("a\x1b\x1b", 8) == "a\\x1b...");
  CHECK(Escaped("abcd", 3) == "...");
}

TEST_CASE("any bytes become harmless UTF-8 within the limit", "[looking]") {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& letter : text) letter = static_cast<char>(random() % 4 == 0 ? 0xc2 : random());
    const std::size_t most = 3 + random() % 60;
    const std::string escaped = Escaped(text, most);
    if (escaped.size() > most || !IsHarmless(escaped)) FAIL(escaped);
  }
}

TEST_CASE("a line says when, who, which way, what and how much", "[looking]") {
  MessageSight sight = Sight();
  CHECK(LineOf(sight, kWhen, 4711) ==
        "[ 1234.005678] 4711 child@2 <- media::PDecoder::Decode #7 {name: \"x\"} (56 bytes)");
  sight.is_sent = true;
  sight.call = 0;
  sight.shared_bytes = 4096;
  CHECK(
      LineOf(sight, kWhen, 1) ==
      "[ 1234.005678] 1 child@2 -> media::PDecoder::Decode {name: \"x\"} (56 bytes, 4096 shared)");
  sight = Sight();
  sight.kind = FrameKind::kReject;
  sight.values.clear();
  sight.problem = "No such file";
  CHECK(LineOf(sight, kWhen, 1) ==
        "[ 1234.005678] 1 child@2 <- media::PDecoder::Decode refused #7: No such file (56 bytes)");
  CHECK(LineOf(sight.channel, "closed: it\nbroke", kWhen, 1) ==
        "[ 1234.005678] 1 child@2 media::PDecoder closed: it\\x0abroke");
}

TEST_CASE("a line is bounded whatever it is about", "[looking]") {
  MessageSight sight = Sight();
  sight.values = std::string(1'000'000, '\x1b');
  const std::string line = LineOf(sight, kWhen, 1);
  CHECK(line.size() <= kMaxLogLine);
  CHECK_THAT(line, Catch::EndsWith("... (56 bytes)"));
  CHECK(LineOf(sight.channel, sight.values, kWhen, 1).size() <= kMaxLogLine);
}

TEST_CASE("values are no longer printed than a line may be", "[looking]") {
  const std::string text(200, 'x');
  std::vector<baton::wire::Row> rows(2'000, {"text", 0, 0, &baton::wire::kString});
  const baton::wire::Table table = {"Texts", rows};
  const std::vector<const void*> values(rows.size(), &text);
  CHECK(PrintValues(table, values).size() < kMaxLogLine + 300);
}

TEST_CASE("a program takes the lines of what it has selected", "[looking]") {
  std::vector<std::string> lines;
  const MessageLog log(baton::testing::Must(MessagePatterns::Parse("PDecoder:Decode")),
                       [&](std::string_view line) {
                         CHECK(MessageLog::IsTelling());
                         lines.emplace_back(line);
                       });
  CHECK(log.Wants("media::PDecoder::Decode"));
  CHECK_FALSE(log.Wants("media::PDecoder::Stop"));
  log.Tell(Sight(), kWhen);
  log.Tell(Sight().channel, "open", kWhen);
  log.Tell({"media::POther", baton::Side::kChild, 2}, "open", kWhen);
  CHECK_FALSE(MessageLog::IsTelling());
  CHECK(lines.size() == 2);
}

}  // namespace baton::internal
