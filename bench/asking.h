// Questions and answers between two actors in one thread, through one completion token or another.
#pragma once

#include <cstdint>
#include <memory>

namespace bench {

enum class Token : std::uint8_t {
  kCallback,
  kCallbackWithin,    // with a deadline of its own
  kCallbackWithSlot,  // that could be cancelled
  kAwaitable,
  kAwaitableTuple,
};

class Asking {
 public:
  Asking();
  ~Asking();

  // So many questions without values, each after the answer to the last.
  void Run(Token token, std::uint64_t questions);

 private:
  class Pair;
  std::unique_ptr<Pair> pair_;
};

}  // namespace bench
