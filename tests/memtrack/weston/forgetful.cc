// Preloaded into a Wayland client (LD_PRELOAD), makes it forget every tenth buffer: the client
// drops its own object and never tells the compositor (wl_buffer.destroy), nor does it unmap the
// memory. Each one is a line on standard error.
//
// With FORGETFUL=unmaps it unmaps, and only the compositor has the memory then.
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <wayland-client.h>

#include <cstdlib>
#include <string_view>
#include <utility>

namespace {

constexpr unsigned kEvery = 10;

// A client destroys a buffer and unmaps its memory right after that.
thread_local bool next_unmap_is_forgotten = false;

bool IsForgotten(wl_proxy* proxy, std::uint32_t opcode) {
  static unsigned destroyed = 0;
  if (opcode != WL_BUFFER_DESTROY || std::string_view(wl_proxy_get_class(proxy)) != "wl_buffer") {
    return false;
  }
  return ++destroyed % kEvery == 0;
}

void Forget(wl_proxy* buffer) {
  static const bool unmaps = [] {
    const char* const how = std::getenv("FORGETFUL");
    return how != nullptr && std::string_view(how) == "unmaps";
  }();
  constexpr std::string_view kLine = "forgot a buffer\n";
  next_unmap_is_forgotten = !unmaps;
  wl_proxy_destroy(buffer);  // here; the compositor does not hear of it
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
}

}  // namespace

// All of libwayland-client's requests come through here, those of wl_proxy_marshal_flags as well.
extern "C" wl_proxy* wl_proxy_marshal_array_flags(wl_proxy* proxy, std::uint32_t opcode,
                                                  const wl_interface* interface,
                                                  std::uint32_t version, std::uint32_t flags,
                                                  wl_argument* arguments) {
  static const auto marshal = reinterpret_cast<decltype(&wl_proxy_marshal_array_flags)>(
      ::dlsym(RTLD_NEXT, "wl_proxy_marshal_array_flags"));
  if (!IsForgotten(proxy, opcode)) {
    return marshal(proxy, opcode, interface, version, flags, arguments);
  }
  Forget(proxy);
  return nullptr;
}

extern "C" int munmap(void* address, std::size_t length) noexcept {
  if (std::exchange(next_unmap_is_forgotten, false)) return 0;
  return static_cast<int>(::syscall(SYS_munmap, address, length));
}
