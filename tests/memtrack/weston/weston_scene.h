// A weston without a screen, and programs that draw on it: real ones, of Debian's.
//
//   SKIP_WITHOUT_WESTON();
//   const Scene scene(Renderer::kPixman);
//   const Process client = scene.Start("weston-simple-shm");
//
// A scene has a folder of its own for its socket and for all that its programs write; they see no
// other display, no session bus and no settings of whoever runs the test.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <baton/platform/process.h>

#include "tests/support/patience.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/skip.h"

namespace weston_test {

using baton::platform::Process;

enum class Renderer : std::uint8_t {
  kNone,    // nothing is drawn: a buffer is given back at once
  kPixman,  // weston reads from a buffer as long as it is the newest
};

// Empty when all programs and the library to preload are here, else what is missing and where it
// comes from.
std::string WhatIsMissing();

// Looks again and again until it is true. False: it did not become true in that time, or the
// process that was to bring it about has ended before.
bool Eventually(const Process& process, const std::function<bool()>& condition,
                std::chrono::milliseconds patience = baton::testing::kPatience);

// A program with its output and its errors in `log`. It is killed when this goes away.
Process StartLogged(const std::string& program, const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment, const std::filesystem::path& log);

// Returns when all of it stands still (SIGSTOP).
void Stop(const Process& process);
void Continue(const Process& process);

// Asks it to end (SIGTERM, and continued if it was stopped), and waits.
void End(Process& process) noexcept;

class Scene {
 public:
  // Fails the test if weston does not listen within kPatience.
  explicit Scene(Renderer renderer);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene();  // ends weston

  // One that draws here; `name` is looked up as a shell does. What it says goes to LogOf(name).
  Process Start(const std::string& name, const std::vector<std::string>& arguments = {},
                const std::vector<std::string>& environment = {}) const;

  const Process& weston() const { return weston_; }
  std::filesystem::path LogOf(const std::string& name) const {
    return folder_.path() / (name + ".log");
  }

 private:
  baton::testing::ScratchFolder folder_;
  Process weston_;
};

}  // namespace weston_test

#define SKIP_WITHOUT_WESTON() \
  if (const auto missing = ::weston_test::WhatIsMissing(); !missing.empty()) SKIP_TEST(missing)
