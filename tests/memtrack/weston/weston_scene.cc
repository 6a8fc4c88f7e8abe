#include "tests/memtrack/weston/weston_scene.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "tests/support/must.h"

namespace weston_test {
namespace {

using baton::platform::Handle;
using baton::testing::Must;

constexpr const char* kSocket = "wayland-test";

std::optional<std::string> FindProgram(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string program = folder + "/" + name;
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

std::string MustFindProgram(const std::string& name) {
  const auto program = FindProgram(name);
  if (!program) FAIL("there is no program " << name);
  return *program;
}

bool Listens(const std::filesystem::path& socket) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  REQUIRE(socket.string().size() < sizeof(address.sun_path));
  std::strcpy(address.sun_path, socket.c_str());
  const Handle end(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(end);
  return ::connect(end.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

void Signal(const Process& process, int signal) {
  REQUIRE(::kill(process.pid(), signal) == 0);
}

// proc(5): what follows the name in brackets.
char StateOf(const Process& process) {
  std::ifstream file("/proc/" + std::to_string(process.pid()) + "/stat");
  const std::string stat((std::istreambuf_iterator<char>(file)), {});
  const std::size_t bracket = stat.rfind(')');
  return bracket + 2 < stat.size() ? stat[bracket + 2] : '?';
}

std::vector<std::string> EnvironmentIn(const std::filesystem::path& folder) {
  return {"XDG_RUNTIME_DIR=" + folder.string(),
          "XDG_CONFIG_HOME=" + folder.string(),
          "XDG_CACHE_HOME=" + folder.string(),
          "HOME=" + folder.string(),
          "DISPLAY=",
          "DBUS_SESSION_BUS_ADDRESS=disabled:",
          "GDK_BACKEND=wayland",
          "GSETTINGS_BACKEND=memory",
          "NO_AT_BRIDGE=1"};
}

}  // namespace

std::string WhatIsMissing() {
  const std::string packages =
      " is not here: packages.txt in tests/memtrack/weston has the packages, and `./dev test` "
      "installs them";
  for (const char* program : {"weston", "weston-simple-shm", "gtk3-demo"}) {
    if (!FindProgram(program)) return program + packages;
  }
  return std::string(FORGETFUL).empty() ? "libwayland-client's header" + packages : "";
}

bool Eventually(const Process& process, const std::function<bool()>& condition,
                std::chrono::milliseconds patience) {
  constexpr int kPace = 10;  // milliseconds
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    pollfd death = {.fd = process.death().get(), .events = POLLIN, .revents = 0};
    const bool has_ended = ::poll(&death, 1, kPace) == 1;
    if (has_ended || std::chrono::steady_clock::now() > deadline) return condition();
  }
  return true;
}

Process StartLogged(const std::string& program, const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment, const std::filesystem::path& log) {
  // The shell becomes the program once it has opened the file.
  std::vector<std::string> words = {"-c", "exec \"$@\" > \"$0\" 2>&1", log.string(), program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return Must(
      Process::Launch({.program = "/bin/sh", .arguments = words, .environment = environment}, {}));
}

void Stop(const Process& process) {
  Signal(process, SIGSTOP);
  REQUIRE(Eventually(process, [&] { return StateOf(process) == 'T'; }));
}

void Continue(const Process& process) {
  Signal(process, SIGCONT);
}

void End(Process& process) noexcept {
  const auto ended = process.Wait(std::chrono::milliseconds(0));
  if (ended && *ended) return;
  (void)::kill(process.pid(), SIGTERM);
  (void)::kill(process.pid(), SIGCONT);
  const auto ends = process.Wait(baton::testing::kPatience);
  CHECK((ends && *ends));
}

Scene::Scene(Renderer renderer) {
  std::vector<std::string> arguments = {"--backend=headless-backend.so", "--idle-time=0",
                                        "--no-config", std::string("--socket=") + kSocket};
  if (renderer == Renderer::kPixman) arguments.push_back("--use-pixman");
  weston_ = StartLogged(MustFindProgram("weston"), arguments, EnvironmentIn(folder_.path()),
                        LogOf("weston"));
  const auto listens = [this] { return Listens(folder_.path() / kSocket); };
  REQUIRE(Eventually(weston_, listens));
}

Scene::~Scene() {
  End(weston_);
}

Process Scene::Start(const std::string& name, const std::vector<std::string>& arguments,
                     const std::vector<std::string>& environment) const {
  std::vector<std::string> all = EnvironmentIn(folder_.path());
  all.push_back(std::string("WAYLAND_DISPLAY=") + kSocket);
  all.insert(all.end(), environment.begin(), environment.end());
  return StartLogged(MustFindProgram(name), arguments, all, LogOf(name));
}

}  // namespace weston_test
