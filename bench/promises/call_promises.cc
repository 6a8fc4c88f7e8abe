#include <cstdint>

#include "bench/asking.h"
#include "bench/promises/median.h"
#include "bench/promises/promise.h"

namespace bench {

Measured ReplyThroughAwaitable() {
  constexpr int kRounds = 2000;
  constexpr std::uint64_t kQuestions = 50;
  Asking asking;
  const auto [awaitable, callback] =
      MediansInTurn(kRounds, {[&] { asking.Run(Token::kAwaitable, kQuestions); },
                              [&] { asking.Run(Token::kCallback, kQuestions); }});
  return {awaitable / kQuestions, callback / kQuestions};
}

}  // namespace bench
