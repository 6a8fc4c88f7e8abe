// Descriptors that were sent and are not received: they lie in the queue of a socket, are in
// nobody's table, and keep their memory alive.
//
// How many says /proc/PID/fdinfo (scm_fds, Linux 5.6). Which, a look at the queue says that takes
// nothing out (MSG_PEEK): the kernel gives us duplicates of the descriptors of the first message;
// the receiver still gets all. The socket itself is borrowed with pidfd_getfd(2) for that long.
// Where a program has set SO_PEEK_OFF a look would move its place, so there is none.
#pragma once

#include <cstdint>
#include <vector>

#include <baton/platform/handle.h>

#include "tools/memtrack/scan/scan_context.h"
#include "tools/memtrack/scan/segment_table.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

struct SeenSocket {
  int thread = 0;  // as DescriptorHold::thread
  int descriptor = -1;
  std::uint64_t inode = 0;
};

struct InFlightFindings {
  std::vector<InFlightHold> holds;
  std::uint32_t closed_sockets = 0;  // as Coverage::closed_sockets
};

// Of the sockets of one process, whose open folder `process` is. Which memory it is, that is seen
// of processes of our own user alone, unless ScanOptions say otherwise. Errors: our own shortage.
Result<InFlightFindings> ReadInFlight(const ScanContext& context, const ProcFolder& process,
                                      const ProcessKey& key, const std::vector<SeenSocket>& sockets,
                                      SegmentTable& segments);

// Duplicates of the descriptors that come with the first message in the queue of `socket`, which
// stays as it was. None when a look would not leave it so.
Result<std::vector<baton::platform::Handle>> PeekDescriptors(const baton::platform::Handle& socket);

}  // namespace memtrack
