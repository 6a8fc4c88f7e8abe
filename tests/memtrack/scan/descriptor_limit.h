// How many descriptors this process may have, for as long as a test wants.
#pragma once

#include <sys/resource.h>

#include <catch2/catch.hpp>

namespace memtrack_test {

// `count` from now on, and as many as before once it goes away.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int count) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(count);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = {};
};

}  // namespace memtrack_test
