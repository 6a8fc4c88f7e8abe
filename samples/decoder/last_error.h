// Why the system call just before failed.
#pragma once

#include <cerrno>
#include <system_error>

namespace samples {

inline std::error_code LastError() noexcept {
  return {errno, std::system_category()};
}

}  // namespace samples
