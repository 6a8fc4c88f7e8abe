// What all parts of one scan share: the options, the folder, and what is true of the whole machine.
// Written before the processes are read, and only read from then on, by several threads.
#pragma once

#include <cstdint>
#include <optional>

#include "tools/memtrack/scan/mount_table.h"
#include "tools/memtrack/scan/proc_folder.h"
#include "tools/memtrack/scan/scanner.h"
#include "tools/memtrack/scan/socket_queues.h"

namespace memtrack {

struct ScanContext {
  const ScanOptions* options = nullptr;
  const ProcFolder* root = nullptr;
  bool keeps_open = false;  // what was opened stays open until the next scan
  bool is_live = false;     // no recorded tree: links lead somewhere, numbers are processes
  MountTable mounts;
  std::optional<SocketQueues> queues;  // std::nullopt: look at each socket
  // Numbers of our own; 0: not known.
  std::uint64_t network_namespace = 0;
  std::uint64_t ipc_namespace = 0;
  std::uint64_t mount_namespace = 0;
  std::uint64_t pid_namespace = 0;
};

}  // namespace memtrack
