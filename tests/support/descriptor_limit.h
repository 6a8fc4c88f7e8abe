// How many descriptors this process may have, for as long as a test wants.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include <baton/platform/handle.h>

namespace baton::testing {

// `count` from now on, and as many as before once it goes away.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int count) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit limit = {static_cast<rlim_t>(count), before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = {};
};

// The number that the next descriptor gets: as a limit, there is room for none.
inline int LowestFreeDescriptor() {
  return platform::Handle(::open("/dev/null", O_RDONLY | O_CLOEXEC)).get();
}

}  // namespace baton::testing
