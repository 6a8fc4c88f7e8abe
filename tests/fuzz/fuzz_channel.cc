// A peer that does anything: the input is a script of what it sends through stream and rings, and
// of what the victim does meanwhile. Nothing crashes or hangs; the channel ends once, with a reason
// that fits; nothing is left behind.
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <span>

#include <baton/base/check.h>

#include "tests/fuzz/channel/lying_peer.h"

namespace {

constexpr int kInputsPerLeakCheck = 256;

std::ptrdiff_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzz = baton::fuzz;
  // For all inputs, so that none pays for the system calls that they take.
  static boost::asio::io_context io(1);
  static const fuzz::Samples samples;
  static const fuzz::Handles handles(samples.echo().payload);
  static int inputs = 0;
  static std::ptrdiff_t descriptors = 0;

  fuzz::LyingPeer(io, samples, handles, fuzz::Script(std::as_bytes(std::span(data, size)))).Play();

  if (inputs++ % kInputsPerLeakCheck == 0) {
    const auto now = OpenDescriptors();
    if (descriptors == 0) descriptors = now;
    BATON_CHECK(now == descriptors);
  }
  return 0;
}
