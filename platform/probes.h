// Places where a tracer of the system (bpftrace, perf, SystemTap) may look in without the program's
// help: USDT probes of the provider `baton`. Each is one instruction that does nothing, and a note
// in the executable that says where it stands and where its arguments are. Without <sys/sdt.h> when
// Baton was configured there are none, and these functions are empty.
//
// `channel` is the number that BATON_LOG shows behind the `@`. docs/looking-inside.md has a table.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(BATON_HAS_SDT)
#include <sys/sdt.h>
#define BATON_HAS_PROBES true
#define BATON_PROBE3(name, a, b, c) STAP_PROBE3(baton, name, a, b, c)
#define BATON_PROBE4(name, a, b, c, d) STAP_PROBE4(baton, name, a, b, c, d)
#else
#define BATON_HAS_PROBES false
#define BATON_PROBE3(name, a, b, c) \
  (static_cast<void>(a), static_cast<void>(b), static_cast<void>(c))
#define BATON_PROBE4(name, a, b, c, d) \
  (static_cast<void>(a), static_cast<void>(b), static_cast<void>(c), static_cast<void>(d))
#endif

namespace baton::platform {

// Whether the functions below are more than empty.
inline constexpr bool kHasProbes = BATON_HAS_PROBES;

// A message, an answer or a refusal was queued. `call`: the question it asks or answers, or 0.
inline void ProbeSend(const char* message, std::uint64_t channel, std::uint64_t sequence,
                      std::uint64_t call) {
  BATON_PROBE4(send, message, channel, sequence, call);
}

// One has come and was decoded; its handler, or the completion that it answers, has not run yet.
// `bytes`: its payload.
inline void ProbeReceive(const char* message, std::uint64_t channel, std::uint64_t sequence,
                         std::size_t bytes) {
  BATON_PROBE4(receive, message, channel, sequence, bytes);
}

// A handler is about to run.
inline void ProbeHandlerBegin(const char* message, std::uint64_t channel, std::uint64_t call) {
  BATON_PROBE3(handler_begin, message, channel, call);
}

// A message has been dealt with, by its handler or because it broke a rule. `message`: its id.
inline void ProbeHandlerEnd(std::uint32_t message, std::uint64_t channel, std::uint64_t call) {
  BATON_PROBE3(handler_end, message, channel, call);
}

// A channel has ended. `error`: of what numbers say, 0 for an end in good order.
inline void ProbeClose(const char* protocol, std::uint64_t channel, int error) {
  BATON_PROBE3(close, protocol, channel, error);
}

// The peer was asked to look. `sequence`: of the last data frame; `doorbells`: so far.
inline void ProbeDoorbell(const void* queue, std::uint64_t sequence, std::uint64_t doorbells) {
  BATON_PROBE3(doorbell, queue, sequence, doorbells);
}

// A channel waits for a doorbell from now on. `sleeps`: so far.
inline void ProbeSleep(const char* protocol, std::uint64_t channel, std::uint64_t sleeps) {
  BATON_PROBE3(sleep, protocol, channel, sleeps);
}

}  // namespace baton::platform

#undef BATON_HAS_PROBES
#undef BATON_PROBE3
#undef BATON_PROBE4
