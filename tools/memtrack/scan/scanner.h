// Looks at the machine: which shared memory there is and who holds it.
//
//   BATON_TRY(memtrack::Scanner scanner, memtrack::Scanner::Create({}));
//   BATON_TRY(const memtrack::Snapshot snapshot, scanner.Scan());
//
// Reads /proc and changes nothing: a process that is looked at cannot tell. Processes may come, go
// and fork meanwhile; each costs at most its own row. One look is no proof that something is gone:
// memory that moves from one process to the next may be seen nowhere, so ask twice.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <baton/base/result.h>

#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

struct ScanOptions {
  // Another folder than /proc is a recorded one: of it only names and texts are read.
  std::string proc_root = "/proc";
  std::vector<int> processes;  // only these, if there are any
  bool includes_self = false;  // this process as well

  // Processes whose number of descriptors and whose mapped and resident pages are those of the last
  // scan are not read again (the size of their memory is). What is replaced by the like of it is
  // noticed by the next full scan, which every `full_every`-th is: docs/decisions/0055 and 0063.
  // Between two scans up to five descriptors a process stay open, where the limit of this process
  // leaves room for 2,048 others.
  bool is_incremental = false;
  int full_every = 10;

  // Which memory is in flight: peeks at what others have to receive. For that moment the kernel
  // gives us duplicates of all the descriptors that lie there, whatever they are; to close one may
  // be work for a file server, and wait for it. So only processes of our own user are looked into,
  // unless it says otherwise.
  bool looks_into_sockets = true;
  bool looks_into_sockets_of_others = false;
  bool compares_open_files = true;  // DescriptorHold::open_file
  bool prefers_text_maps = false;   // maps as text even where PROCMAP_QUERY is there
  unsigned threads = 0;             // that read processes; 0: one per processor, at most 4
};

// Move-only; one thread at a time. Scan() starts threads of its own, which have ended when it
// returns.
class Scanner {
 public:
  // Errors: those of the system when there is no such /proc; std::errc::not_supported when it is
  // /proc of another PID namespace, in which our calls would meet other processes.
  static baton::Result<Scanner> Create(ScanOptions options);

  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;
  ~Scanner();

  // Errors: only our own shortage (descriptors, memory), where it lets us read nothing at all; one
  // that hits a single process costs its row. What others do or forbid is in the result.
  baton::Result<Snapshot> Scan();

 private:
  struct State;
  explicit Scanner(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace memtrack
