#include <baton/base/error.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <set>
#include <string>
#include <system_error>

namespace baton {
namespace {

constexpr int kLastErrc = static_cast<int>(Errc::kInProcessOnly);
constexpr int kLastRule = static_cast<int>(Rule::kSliceBounds);
constexpr int kLastCause = static_cast<int>(Cause::kExhausted);

std::error_code OfSystem(int error) {
  return {error, std::system_category()};
}

constexpr int kRetiredRule = 5;
constexpr int kRetiredErrc = 11;

// The texts of the values 1 to `last`: each its own, none the text for an unknown value.
void CheckTexts(const std::error_category& category, int last) {
  std::set<std::string> seen = {category.message(0)};
  for (int value = 1; value <= last; ++value) {
    CAPTURE(category.name(), value);
    if (category == RuleCategory() && value == kRetiredRule) continue;
    if (category == ErrcCategory() && value == kRetiredErrc) continue;
    CHECK(seen.insert(category.message(value)).second);
  }
  CHECK(category.message(last + 1) == category.message(0));
}

TEST_CASE("Every value has a text of its own") {
  CheckTexts(ErrcCategory(), kLastErrc);
  CheckTexts(RuleCategory(), kLastRule);
  CheckTexts(CauseCategory(), kLastCause);
}

TEST_CASE("The three kinds of trouble are never equal to each other") {
  CHECK(ErrcCategory() != RuleCategory());
  for (int value = 1; value <= kLastErrc; ++value) {
    CHECK(make_error_code(static_cast<Errc>(value)) != make_error_code(static_cast<Rule>(value)));
    CHECK(make_error_code(static_cast<Errc>(value)) != OfSystem(value));
  }
}

TEST_CASE("Codes are permanent: they travel and end up in logs") {
  CHECK(static_cast<int>(Errc::kPeerClosed) == 1);
  CHECK(static_cast<int>(Errc::kNoEndpoint) == 17);
  CHECK(static_cast<int>(Errc::kTainted) == 21);
  CHECK(static_cast<int>(Errc::kNotAdmitted) == 22);
  CHECK(static_cast<int>(Rule::kFrameTooLarge) == 1);
  CHECK(static_cast<int>(Rule::kHandler) == 30);
  CHECK(static_cast<int>(Rule::kElementSize) == 36);
  CHECK(static_cast<int>(Rule::kIntroduction) == 38);
  CHECK(static_cast<int>(Errc::kInProcessOnly) == 30);
  CHECK(static_cast<int>(Rule::kSliceBounds) == 46);
}

TEST_CASE("A caller asks what to do, whatever layer the error came from") {
  SECTION("the peer is gone") {
    for (const std::error_code gone :
         {make_error_code(Errc::kPeerClosed), make_error_code(Errc::kPeerDied), OfSystem(EPIPE),
          OfSystem(ECONNRESET), OfSystem(ENOTCONN)}) {
      CAPTURE(gone);
      CHECK(gone == Cause::kPeerGone);
      CHECK(gone != Cause::kPeerFault);
      CHECK(gone != Cause::kExhausted);
    }
  }
  SECTION("the peer is to blame") {
    for (int value = 1; value <= kLastRule; ++value) {
      CHECK(make_error_code(static_cast<Rule>(value)) == Cause::kPeerFault);
    }
    CHECK(make_error_code(Errc::kPeerFault) == Cause::kPeerFault);
    CHECK(make_error_code(Errc::kRejected) != Cause::kPeerFault);
  }
  SECTION("something ran out") {
    for (const std::error_code short_of :
         {make_error_code(Errc::kWouldBlock), make_error_code(Errc::kOverQuota), OfSystem(ENOMEM),
          OfSystem(ENOSPC), OfSystem(EMFILE), OfSystem(ENFILE)}) {
      CAPTURE(short_of);
      CHECK(short_of == Cause::kExhausted);
      CHECK(short_of != Cause::kPeerGone);
      CHECK(short_of != Cause::kPeerFault);
    }
  }
  SECTION("none of these") {
    for (const std::error_code other :
         {make_error_code(Errc::kAlreadySent), OfSystem(EPERM), std::error_code()}) {
      CAPTURE(other);
      CHECK(other != Cause::kPeerGone);
      CHECK(other != Cause::kPeerFault);
      CHECK(other != Cause::kExhausted);
    }
  }
}

}  // namespace
}  // namespace baton
