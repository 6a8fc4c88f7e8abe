// What `serve` is given again and again: the machine as it was just seen, and what is wrong with
// it.
#pragma once

#include <functional>
#include <vector>

#include <baton/base/result.h>

#include "tools/memtrack/rules/course.h"
#include "tools/memtrack/rules/verdict.h"

namespace memtrack {

struct Pass {
  Course course;  // its models are there until the next pass
  std::vector<Verdict> verdicts;

  const Model& last() const { return course.last(); }
};

// Looks at the machine once, each time it is called. Errors: those of the scanner.
using Watch = std::function<baton::Result<Pass>()>;

}  // namespace memtrack
