// The parent: has a child paint textures, kills it again and again, and gives what it has left to
// the next one. Exits with 0 only if no texture was lost.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <random>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>
#include <baton/child_supervisor.h>
#include <baton/shmem_store.h>

#include "ledger.h"
#include "survivorParent.h"

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Event = baton::ChildEvent<samples::PSurvivorParent>;
using Milliseconds = std::chrono::duration<double, std::milli>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr std::uint64_t kPainters = 1;  // the trust domain of all children

struct Settings {
  std::uint32_t textures = 16;
  std::uint64_t bytes = std::uint64_t{8} << 20;
  int kills = 100;
  std::uint64_t seed = 1;
};

struct Tally {
  int kills = 0;
  std::uint64_t whole = 0;
  std::uint64_t half_done = 0;
  std::uint64_t lost = 0;
  std::vector<double> to_reattached;  // ms from each kill, without the start of the process
  std::size_t files_at_first = 0;
  std::size_t files_at_last = 0;
};

// What a sample cannot go on without.
template <class T>
T Must(baton::Result<T> result) {
  if (!result) throw std::system_error(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class SurvivorParent final : public samples::PSurvivorParent {
 public:
  SurvivorParent(samples::Ledger& ledger, asio::steady_timer& changed)
      : ledger_(ledger), changed_(changed) {}

 private:
  baton::Result<void> RecvMade(std::uint32_t texture, std::uint64_t high,
                               std::uint64_t low) override {
    ledger_.Made(texture, {high, low});
    changed_.cancel();
    return {};
  }
  baton::Result<void> RecvPainting(std::uint32_t texture) override {
    ledger_.Painting(texture);
    return {};
  }
  baton::Result<void> RecvPainted(std::uint32_t texture, std::uint64_t hash) override {
    ledger_.Painted(texture, hash);
    return {};
  }

  samples::Ledger& ledger_;
  asio::steady_timer& changed_;
};

std::size_t OpenFiles() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

class Show {
 public:
  Show(asio::io_context& io, baton::ChildSupervisor supervisor,
       std::shared_ptr<baton::ShmemStore> store, const Settings& settings)
      : settings_(settings),
        supervisor_(std::move(supervisor)),
        store_(std::move(store)),
        changed_(io),
        random_(settings.seed) {}

  // Runs to its end; whatever goes wrong is thrown.
  asio::awaitable<Tally> Run() {
    co_await Start();
    Must(parent_->SendBegin(settings_.textures, settings_.bytes));
    while (ledger_.made() < settings_.textures) {
      changed_.expires_after(std::chrono::seconds(10));
      const auto [error] = co_await changed_.async_wait(kAwait);
      if (!error) throw std::runtime_error("the child makes no textures");
    }
    while (tally_.kills < settings_.kills) {
      co_await Pause();
      co_await KillAndGoOn();
    }
    parent_->Close();
    supervisor_.Stop();
    (void)co_await supervisor_.Next<samples::PSurvivorParent>(kAwait);
    co_return std::move(tally_);
  }

 private:
  // A new child and its channel.
  asio::awaitable<void> Start() {
    auto [error, event] = co_await supervisor_.Next<samples::PSurvivorParent>(kAwait);
    if (error) throw boost::system::system_error(error, "no child");
    if (event.end) throw std::runtime_error("the child has ended by itself");
    parent_ = std::make_shared<SurvivorParent>(ledger_, changed_);
    const baton::ChannelOptions options = {.store = store_, .trust_label = kPainters};
    Must(std::move(event.endpoint).Bind(parent_, supervisor_.get_executor(), options));
  }

  // It paints meanwhile.
  asio::awaitable<void> Pause() {
    changed_.expires_after(std::chrono::microseconds(random_() % 100'000));
    (void)co_await changed_.async_wait(kAwait);
  }

  asio::awaitable<void> KillAndGoOn() {
    const auto killed = Clock::now();
    supervisor_.Kill();
    auto [error, event] = co_await supervisor_.Next<samples::PSurvivorParent>(kAwait);
    if (error || !event.end) throw std::runtime_error("the child cannot be killed");
    std::vector<baton::ReturnedShmem> returned;
    while (returned.size() < settings_.textures) {
      auto [failed, more] = co_await store_->Returned(kAwait);
      if (failed) throw boost::system::system_error(failed, "textures do not come back");
      std::ranges::move(more, std::back_inserter(returned));
    }
    const auto back = Clock::now();
    co_await Start();
    const auto started = Clock::now();
    for (auto& one : returned) Must(parent_->Attach(one.memory));
    const auto attached = Clock::now();
    tally_.to_reattached.push_back(Milliseconds((back - killed) + (attached - started)).count());
    ++tally_.kills;
    Examine(returned);
    HandOver(std::move(returned));
  }

  void Examine(const std::vector<baton::ReturnedShmem>& returned) {
    for (const auto& one : returned) {
      const auto number = ledger_.NumberOf(one.memory.id());
      if (!number) throw std::runtime_error("memory came back that nobody has made");
      switch (ledger_.Look(*number, one.memory.bytes())) {
        case samples::Ledger::Finding::kWhole: ++tally_.whole; break;
        case samples::Ledger::Finding::kHalfDone: ++tally_.half_done; break;
        case samples::Ledger::Finding::kLost: ++tally_.lost; break;
      }
    }
    tally_.files_at_last = OpenFiles();
    if (tally_.kills == 1) tally_.files_at_first = tally_.files_at_last;
  }

  void HandOver(std::vector<baton::ReturnedShmem> returned) {
    std::vector<samples::Texture> textures;
    for (auto& one : returned) {
      const std::uint32_t number = ledger_.NumberOf(one.memory.id()).value();
      textures.push_back({number, std::move(one.memory)});
    }
    Must(parent_->SendGoOn(std::move(textures)));
  }

  const Settings settings_;
  baton::ChildSupervisor supervisor_;
  std::shared_ptr<baton::ShmemStore> store_;
  asio::steady_timer changed_;
  std::mt19937_64 random_;
  samples::Ledger ledger_;
  std::shared_ptr<SurvivorParent> parent_;
  Tally tally_;
};

int Print(Tally tally, const Settings& settings, Clock::duration took) {
  std::ranges::sort(tally.to_reattached);
  const auto at = [&](double share) {
    const auto last = static_cast<double>(tally.to_reattached.size() - 1);
    return tally.to_reattached.empty()
               ? 0.0
               : tally.to_reattached[static_cast<std::size_t>(last * share)];
  };
  const bool is_flat = tally.files_at_first == tally.files_at_last;
  std::printf(
      "survivor: %d kills, %u textures of %llu bytes each time: %llu whole, %llu half-done, %llu "
      "lost; from kill to re-attached %.1f ms (most %.1f ms); open files %zu, then %zu; %.1f s\n",
      tally.kills, settings.textures, static_cast<unsigned long long>(settings.bytes),
      static_cast<unsigned long long>(tally.whole),
      static_cast<unsigned long long>(tally.half_done), static_cast<unsigned long long>(tally.lost),
      at(0.5), at(1), tally.files_at_first, tally.files_at_last,
      std::chrono::duration<double>(took).count());
  const std::uint64_t expected =
      std::uint64_t{settings.textures} * static_cast<unsigned>(settings.kills);
  return tally.lost == 0 && tally.whole + tally.half_done == expected && is_flat ? 0 : 1;
}

int Run(const Settings& settings) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  asio::io_context io;
  baton::SupervisorOptions options = {
      .launch = {.program = self.parent_path() / "survivor_child"},
      .restarts = {.max_restarts = 1'000'000, .first_delay = {}, .longest_delay = {}},
      .trust_label = kPainters};
  auto supervisor = Must(baton::ChildSupervisor::Create(io.get_executor(), options));
  auto store = Must(baton::ShmemStore::Create(io.get_executor()));
  Show show(io, std::move(supervisor), std::move(store), settings);
  const auto begun = Clock::now();
  int code = 1;
  asio::co_spawn(io, show.Run(), [&](const std::exception_ptr& failure, Tally tally) {
    if (failure) std::rethrow_exception(failure);
    code = Print(std::move(tally), settings, Clock::now() - begun);
  });
  io.run();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("Textures that outlive whoever paints them");
  app.add_option("--kills", settings.kills, "How often the painter is killed")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--textures", settings.textures, "How many")->check(CLI::Range(1, 128));
  app.add_option("--seed", settings.seed, "For when it is killed");
  CLI11_PARSE(app, argc, argv);
  try {
    return Run(settings);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "survivor: %s\n", failure.what());
    return 1;
  }
}
