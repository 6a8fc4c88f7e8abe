// What a completion token costs: a question without values to an actor in the same thread and its
// answer. The callback is the yardstick; what another one takes longer is its price.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "bench/asking.h"

namespace {

void Question(benchmark::State& state, bench::Token token) {
  constexpr std::uint64_t kQuestions = 1000;
  bench::Asking asking;
  asking.Run(token, kQuestions);
  for (auto _ : state) asking.Run(token, kQuestions);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kQuestions));
}
BENCHMARK_CAPTURE(Question, callback, bench::Token::kCallback);
BENCHMARK_CAPTURE(Question, callback_within, bench::Token::kCallbackWithin);
BENCHMARK_CAPTURE(Question, callback_with_slot, bench::Token::kCallbackWithSlot);
BENCHMARK_CAPTURE(Question, use_awaitable, bench::Token::kAwaitable);
BENCHMARK_CAPTURE(Question, as_tuple_use_awaitable, bench::Token::kAwaitableTuple);

}  // namespace
