// Does something again and again, in a thread of its own, until it goes away; once at least before
// the next line.
//
//   const Meanwhile mutator([&] { FlipAByte(); });
#pragma once

#include <atomic>
#include <thread>

namespace baton::testing {

class Meanwhile {
 public:
  template <class Deed>
  explicit Meanwhile(Deed deed)
      : thread_([this, deed]() mutable {
          deed();
          has_begun_ = true;
          has_begun_.notify_one();
          while (!has_ended_.load(std::memory_order_relaxed)) deed();
        }) {
    has_begun_.wait(false);
  }
  Meanwhile(const Meanwhile&) = delete;
  Meanwhile& operator=(const Meanwhile&) = delete;
  ~Meanwhile() {
    has_ended_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> has_begun_{false};
  std::atomic<bool> has_ended_{false};
  std::thread thread_;
};

}  // namespace baton::testing
