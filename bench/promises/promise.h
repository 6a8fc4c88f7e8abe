// What the README promises, as something that can be measured and judged.
#pragma once

#include <span>
#include <string>

namespace bench {

struct Measured {
  double value = 0;
  double yardstick = 0;  // of the same unit, measured in the same run
};

struct Promise {
  const char* area;  // channel, shmem, compiler, memtrack, surface
  const char* name;  // one word
  const char* unit;
  const char* target;  // in words, as printed
  bool (*kept)(const Measured& measured);
  Measured (*measure)();
};

// All of them, in the order in which they are printed.
std::span<const Promise> AllPromises();

// The channel's (channel_promises.cc). Round trips are 64 bytes to a typed actor in another process
// and back, in two messages, or as a question; beside them the same bytes through a bare ring,
// woken in the same way. Rates are millions of messages a second, beside the bare ring, or the
// better of that and a bare socket.
Measured RoundTripAsleep();
Measured RoundTripSpinning();
Measured QuestionSpinning();
Measured RoundTripOnOneCpu();
Measured RoundTripBesideFutex();
Measured OneWayOf64Bytes();
Measured OneWayOf1KiB();
Measured OneWayOf16KiB();
Measured OneWayOf64KiB();
Measured MemoryOfIdleChannel();
// A question's (call_promises.cc): without values, to an actor in the same thread, answered through
// use_awaitable; beside it the same through a callback.
Measured ReplyThroughAwaitable();
// Shared memory's (shmem_promises.cc). Beside a hand-over the bytes are copied; beside the access
// that is taken and given while a thread is busy it is done by mprotect; beside freezing the bytes
// are copied.
Measured HandOverOf64KiB();
Measured HandOverOf1MiB();
Measured HandOverOf8MiB();
Measured HandOverOf32MiB();
Measured HandOverOf8MiBUnrevoked();
Measured SizeOfHandOver();
Measured RevokeAndGrant8MiBBusy();
Measured RevokeAndGrant32MiBBusy();
Measured FreezeOf8MiB();
// The pool's (pool_promises.cc). Beside an allocation from the pool stands one of 64 bytes from
// malloc, beside a first one what the kernel takes for it. A cycle is: fill, hand over, read;
// beside it the same through a bare ring and one mapping. The life of a piece among 1,000 others
// stands beside that among 10.
Measured PooledAllocation();
Measured FirstAllocation();
Measured CycleOf8MiB();
Measured CycleOf32MiB();
Measured LifeAmong1000Pieces();
// batonc's (compiler_promises.cc). The yardstick of time is the reading and writing of the same
// bytes; of lines it is what IPDL generates.
Measured CompileOf150Files();
Measured CheckOf150Files();
Measured NoChangeIn150Files();
Measured MemoryFor150Files();
Measured CompileOf1500Files();
Measured LinesPerMessage();
Measured HeaderAlone();
// memtrack's scan (memtrack_promises.cc), of 400 processes with 14,800 descriptors and 150,000
// mappings: beside lsof and smem (0 where they are not installed), and incremental beside full; of
// 10,000 segments in one process, beside the text of its maps; and the most that is resident,
// beside the benchmark itself.
Measured ScanOfDesktop();
Measured ScanOfDesktopBesideSmem();
Measured IncrementalScanOfDesktop();
Measured ScanOf10000Segments();
Measured MemoryOfScan();

}  // namespace bench
