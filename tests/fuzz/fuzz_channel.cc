// A peer that does anything: the input is a script of what it sends through stream and rings, and
// of what the victim does meanwhile. Nothing crashes or hangs; the channel ends once, with a reason
// that fits; nothing is left behind.
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>

#include <baton/base/check.h>

#include "tests/fuzz/channel/lying_peer.h"

namespace {

// The first ones open what stays open, once and for all.
constexpr int kInputsPerLeakCheck = 64;

// Memory alone: the fuzzer opens other things for itself.
int OpenMemory() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // as is the iterator's own
    const auto what = std::filesystem::read_symlink(entry.path(), gone);
    if (what.native().find("memfd:") != std::string::npos) ++count;
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = baton::fuzz;
  static boost::asio::io_context io(1);
  static const fuzz::Repertoire repertoire;
  static int inputs = 0;
  static int open_memory = 0;

  fuzz::LyingPeer(io, repertoire, fuzz::Script(std::as_bytes(std::span(data, size)))).Play();

  if (++inputs % kInputsPerLeakCheck == 0) {
    const int now = OpenMemory();
    if (open_memory == 0) open_memory = now;
    BATON_CHECK(now == open_memory);
  }
  return 0;
}
