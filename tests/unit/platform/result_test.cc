#include <baton/base/result.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <type_traits>

namespace baton {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) return Fail(Errc::kInvalidValue);
  return number / 2;
}

Result<int> Quarter(int number) {
  BATON_TRY(const int half, Half(number));
  BATON_TRY(const int quarter, Half(half));
  return quarter;
}

Result<void> IsMultipleOfFour(int number) {
  BATON_CHECKED(Quarter(number));
  return {};
}

TEST_CASE("A result holds its value or the reason there is none") {
  CHECK(*Half(4) == 2);
  CHECK(Half(4));
  CHECK_FALSE(Half(3));
  CHECK(Half(3).error() == Errc::kInvalidValue);
}

TEST_CASE("A failure leaves by the first BATON_TRY that meets it") {
  CHECK(*Quarter(8) == 2);
  CHECK(Quarter(6).error() == Errc::kInvalidValue);
  CHECK(Quarter(7).error() == Errc::kInvalidValue);
}

TEST_CASE("A result without a value succeeds or fails") {
  CHECK(IsMultipleOfFour(8));
  CHECK(IsMultipleOfFour(6).error() == Errc::kInvalidValue);
  CHECK(Result<void>());
}

TEST_CASE("A value that can only be moved is moved through") {
  const auto make = [](bool well) -> Result<std::unique_ptr<int>> {
    if (!well) return Fail(Errc::kOverQuota);
    return std::make_unique<int>(7);
  };
  const auto pass_on = [&](bool well) -> Result<std::unique_ptr<int>> {
    BATON_TRY(auto value, make(well));
    return value;
  };
  Result<std::unique_ptr<int>> made = pass_on(true);
  CHECK(*made->get() == 7);
  const std::unique_ptr<int> taken = *std::move(made);
  CHECK(*taken == 7);
  CHECK(pass_on(false).error() == Errc::kOverQuota);
}

TEST_CASE("An error of any category can be the reason") {
  const Result<std::string> by_system = Fail(std::make_error_code(std::errc::no_space_on_device));
  CHECK(by_system.error() == Cause::kExhausted);
  const Result<std::string> by_peer = Fail(Rule::kSequence);
  CHECK(by_peer.error() == Cause::kPeerFault);
}

}  // namespace
}  // namespace baton
