// What survives of an error on its way to the peer.
#include <catch2/catch.hpp>

#include <baton/base/error.h>

#include "runtime/channel/control_messages.h"

namespace baton::internal {
namespace {

std::error_code ThereAndBack(std::error_code error) {
  return FromRejection(ToRejection(error));
}

TEST_CASE("system errors and Baton's own arrive as they are") {
  CHECK(ThereAndBack(std::make_error_code(std::errc::no_space_on_device)) ==
        std::errc::no_space_on_device);
  CHECK(ThereAndBack({EACCES, std::system_category()}) == std::errc::permission_denied);
  CHECK(ThereAndBack(Errc::kOverQuota) == Errc::kOverQuota);
}

TEST_CASE("anything else arrives as a refusal") {
  CHECK(ThereAndBack(std::error_code()) == Errc::kRejected);
  CHECK(ThereAndBack(Rule::kQuota) == Errc::kRejected);
  CHECK(ThereAndBack(std::make_error_code(std::io_errc::stream)) == Errc::kRejected);
}

TEST_CASE("numbers that a peer makes up are refusals, never a success") {
  const auto space = GENERATE(std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{255});
  const auto value = GENERATE(0, -1, 4096, 1 << 30, -2147483647 - 1);
  CHECK(FromRejection({space, value}) == Errc::kRejected);
}

TEST_CASE("a peer cannot say that a value of another peer's was invalid") {
  CHECK(ThereAndBack(Errc::kTainted) == Errc::kRejected);
  CHECK(ThereAndBack(Errc::kEmptyHandle) == Errc::kEmptyHandle);
}

}  // namespace
}  // namespace baton::internal
