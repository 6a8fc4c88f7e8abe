// Our errors as Asio's users compare them.
#pragma once

#include <boost/system/error_code.hpp>
#include <system_error>

namespace baton::internal {

// The system's numbers get Boost's own category: a code of std's, converted, is not equal to
// boost::asio::error::operation_aborted and its like.
inline boost::system::error_code ToAsioError(std::error_code error) {
  const bool is_systems =
      error.category() == std::system_category() || error.category() == std::generic_category();
  if (is_systems) return {error.value(), boost::system::system_category()};
  return boost::system::error_code(error);
}

}  // namespace baton::internal
