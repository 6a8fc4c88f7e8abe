// What there is to ask for, and who may.
//
//   /TOKEN/            the page; its parts lie beside it
//   /TOKEN/data.json   what the page shows (docs/memtrack-serve.md)
//   /metrics           for Prometheus; with `Authorization: Bearer TOKEN`, or ?token=TOKEN
#pragma once

#include <functional>
#include <span>

#include "tools/memtrack/serve/our_names.h"
#include "tools/memtrack/serve/request.h"
#include "tools/memtrack/serve/token.h"

namespace memtrack {

struct Site {
  Token token;
  OurNames names;
  std::function<Text()> data;
  std::function<Text()> metrics;
};

// Whoever does not know the token gets the same answer for whatever it asks.
Response Answer(const Site& site, const Request& request);

// No page of another origin may read, frame or store what we say, and ours asks nobody else.
std::span<const Header> HeadersOfEveryAnswer();

}  // namespace memtrack
