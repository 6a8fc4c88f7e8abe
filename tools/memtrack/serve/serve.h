// `memtrack serve`: a page about this machine, for whoever has its URL.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "tools/memtrack/serve/pass.h"

namespace memtrack {

struct ServeOptions {
  std::string address = "127.0.0.1";  // IPv4 or IPv6, no name
  std::uint16_t port = 7117;          // 0: any
  double interval = 1;                // seconds from one pass to the next
};

// Prints the URL, and serves it until SIGINT or SIGTERM. False: it could not, and has said why.
//
// One thread does all of it, so a browser waits while the machine is looked at; at most half of the
// time goes there.
bool Serve(const ServeOptions& options, Watch watch, std::ostream& out, std::ostream& err);

}  // namespace memtrack
