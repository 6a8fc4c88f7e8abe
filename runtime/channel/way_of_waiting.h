#pragma once

#include <algorithm>

namespace baton::internal {

// A way of waiting that is used while it pays. After failing it is tried again when it would have
// paid a few times, twice as many after each further failure: on one processor, spinning for a peer
// always would have paid, and never does.
class WayOfWaiting {
 public:
  bool is_used() const { return score_ > 0; }

  void Paid() {
    score_ = std::min(score_ + 1, kHighest);
    patience_ = 1;
  }
  void Failed() {
    if (score_ == 0) return;
    score_ = std::max(score_ - 2, 0);
    if (score_ == 0) patience_ = std::min(patience_ * 2, kMostPatience);
  }
  void WouldHavePaid() {
    if (score_ > 0 || ++missed_ < patience_) return;
    missed_ = 0;
    score_ = 1;
  }

 private:
  static constexpr int kHighest = 8;
  static constexpr int kMostPatience = 1024;

  int score_ = kHighest / 2;
  int patience_ = 1;
  int missed_ = 0;
};

}  // namespace baton::internal
