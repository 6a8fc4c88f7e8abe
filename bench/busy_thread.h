// A thread of this process that keeps another CPU busy, so that whatever changes page tables has to
// tell that CPU.
#pragma once

#include <sched.h>

#include <atomic>
#include <thread>

#include <baton/base/check.h>

namespace bench {

class BusyThread {
 public:
  BusyThread() : thread_([this] { Run(); }) {
    while (!is_running_) std::this_thread::yield();
  }
  ~BusyThread() {
    stopped_ = true;
    thread_.join();
  }
  BusyThread(const BusyThread&) = delete;
  BusyThread& operator=(const BusyThread&) = delete;

 private:
  void Run() {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(std::thread::hardware_concurrency() > 1 ? 1 : 0, &cpus);
    BATON_CHECK(sched_setaffinity(0, sizeof(cpus), &cpus) == 0);
    is_running_ = true;
    while (!stopped_) {
    }
  }

  std::atomic<bool> is_running_{false};
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace bench
