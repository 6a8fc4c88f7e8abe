// `--sync-allowlist`: which messages may be sync, and why; IPDL's sync-messages.ini.
//
//   # a comment, as is what begins with `;`
//   [PFoo::Message]
//   description = why it has to wait
//   platform = win                          optional: the message may be missing
//
// A line that begins with a space continues the value above it.
#pragma once

#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_file.h"

namespace batonc {

struct SyncAllowList {
  struct Entry {
    std::string protocol;  // "PFoo", without a namespace
    std::string message;   // of a constructor: the managed protocol's name
    Span span;             // of "PFoo::Message"
    bool has_description = false;
    bool has_platform = false;
  };
  std::vector<Entry> entries;  // in the order of the file, names differ
};

// Total: lines that are not understood are reported and left out, as are names listed twice and
// entries without a description.
SyncAllowList ParseSyncAllowList(const SourceFile& source, Diagnostics& diagnostics);

}  // namespace batonc
