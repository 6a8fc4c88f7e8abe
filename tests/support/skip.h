// SKIP_TEST(reason): for a test that this machine cannot run. CTest counts it as skipped.
#pragma once

#include <iostream>

#define SKIP_TEST(reason)                              \
  do {                                                 \
    std::cout << "\nSKIPPED: " << reason << std::endl; \
    return;                                            \
  } while (false)
