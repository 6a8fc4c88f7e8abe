#include <baton/platform/fault_injection.h>

#include <atomic>

#include <baton/base/check.h>

namespace baton::platform::testing {
namespace {

std::atomic<bool> armed{false};
std::atomic<int> calls_left{0};
std::atomic<int> error_to_give{0};
std::atomic<const char*> failed{nullptr};

}  // namespace

int NextFault(const char* name) {
  int left = calls_left.load(std::memory_order_acquire);
  do {
    if (left == 0) return 0;
  } while (!calls_left.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel));
  if (left > 1) return 0;
  failed.store(name, std::memory_order_release);
  return error_to_give.load(std::memory_order_relaxed);
}

FailNthCall::FailNthCall(int nth, int error) {
  BATON_CHECK(nth > 0 && error > 0);
  BATON_CHECK(!armed.exchange(true));
  failed.store(nullptr, std::memory_order_relaxed);
  error_to_give.store(error, std::memory_order_relaxed);
  calls_left.store(nth, std::memory_order_release);
}

FailNthCall::~FailNthCall() {
  calls_left.store(0);
  armed.store(false);
}

const char* FailNthCall::failed_call() const {
  return failed.load(std::memory_order_acquire);
}

}  // namespace baton::platform::testing
