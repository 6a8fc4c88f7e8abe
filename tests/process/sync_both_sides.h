// Both sides of sync.idl in one thread: nobody answers while somebody waits.
#pragma once

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <utility>

#include "tests/process/sync_actors.h"

namespace baton::testing {

struct BothSides {
  explicit BothSides(Path path) {
    auto ends = CreateEndpointsOn<::testing::PSyncParent, ::testing::PSyncChild>(path);
    Must(std::move(ends.first).Bind(parent, io.get_executor(), OptionsFor(path)));
    Must(std::move(ends.second).Bind(child, io.get_executor(), OptionsFor(path)));
    parent->io = &io;
  }
  void CloseAndRun() {
    child->Close();
    io.restart();
    io.run();
    CHECK(child->destroyed == 1);
    CHECK(parent->destroyed == 1);
  }
  template <class Predicate>
  void RunUntil(Predicate done) {
    io.restart();
    while (!done() && io.run_one() > 0) {
    }
  }
  void Poll() {
    io.restart();
    io.poll();
  }

  io_context io;
  std::shared_ptr<SyncParent> parent = std::make_shared<SyncParent>();
  std::shared_ptr<SyncChild> child = std::make_shared<SyncChild>();
};

}  // namespace baton::testing
