// Managed actors: what it takes to make and delete one, both sides in one thread, and the memory of
// 10,000 that do nothing. The promises: 2 us of CPU per side, 10 MB for both sides together.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <vector>

#include <baton/async.h>
#include <baton/base/check.h>
#include <baton/baton.h>

#include "treeChild.h"
#include "treeParent.h"

namespace {

class LeafChild final : public bench::PLeafChild {};
class LeafParent final : public bench::PLeafParent {};

class GardenParent final : public bench::PGardenParent {
  void RecvAsk(AskReplier reply) override { reply({}); }
};
class GardenChild final : public bench::PGardenChild {
  std::shared_ptr<bench::PLeafChild> AllocPLeafChild() override {
    return std::make_shared<LeafChild>();
  }
};

struct Gardens {
  Gardens() {
    auto ends = baton::CreateInProcessEndpoints<bench::PGardenParent, bench::PGardenChild>();
    BATON_CHECK(std::move(ends.first).Bind(parent, io.get_executor()));
    BATON_CHECK(std::move(ends.second).Bind(child, io.get_executor()));
  }
  ~Gardens() {
    parent->Close();
    io.restart();
    io.run();
  }
  // Until all that was sent has been dispatched, and an answer has come.
  void Settle() {
    bool answered = false;
    child->SendAsk([&](boost::system::error_code, auto) { answered = true; });
    io.restart();
    while (!answered && io.run_one() > 0) {
    }
  }
  std::shared_ptr<LeafParent> Grow() {
    auto leaf = std::make_shared<LeafParent>();
    BATON_CHECK(parent->SendPLeafConstructor(leaf));
    return leaf;
  }

  boost::asio::io_context io{1};
  std::shared_ptr<GardenParent> parent = std::make_shared<GardenParent>();
  std::shared_ptr<GardenChild> child = std::make_shared<GardenChild>();
};

// The time of both sides together, a thousand at a time.
void CreateAndDelete(benchmark::State& state) {
  constexpr int kAtATime = 1000;
  Gardens gardens;
  gardens.Settle();
  std::vector<std::shared_ptr<LeafParent>> leaves;
  for (auto _ : state) {
    for (int n = 0; n < kAtATime; ++n) leaves.push_back(gardens.Grow());
    gardens.Settle();
    for (const auto& leaf : leaves) BATON_CHECK(leaf->Send__delete__());
    leaves.clear();
    gardens.Settle();
    gardens.Settle();
  }
  state.SetItemsProcessed(state.iterations() * kAtATime);
}
BENCHMARK(CreateAndDelete);

void TenThousandIdle(benchmark::State& state) {
  constexpr int kMany = 10'000;
  Gardens gardens;
  gardens.Settle();
  std::vector<std::shared_ptr<LeafParent>> leaves;
  leaves.reserve(kMany);
  for (auto _ : state) {
    const std::size_t before = mallinfo2().uordblks;
    for (int n = 0; n < kMany; ++n) {
      leaves.push_back(gardens.Grow());
      if (n % 1000 == 999) gardens.Settle();
    }
    state.counters["bytes_both_sides"] = static_cast<double>(mallinfo2().uordblks - before);
    for (const auto& leaf : leaves) BATON_CHECK(leaf->Send__delete__());
    leaves.clear();
    gardens.Settle();
    gardens.Settle();
  }
}
BENCHMARK(TenThousandIdle)->Iterations(5);

}  // namespace
