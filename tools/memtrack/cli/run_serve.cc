#include <fmt/format.h>

#include <utility>

#include "tools/memtrack/cli/run.h"
#include "tools/memtrack/cli/series.h"
#include "tools/memtrack/model/build_model.h"
#include "tools/memtrack/rules/rules.h"
#include "tools/memtrack/serve/serve.h"

namespace memtrack {

using baton::Result;

int Run(const ServeCommand& command, Surroundings& surroundings) {
  const auto live =
      surroundings.open_live({.sockets = command.source.sockets, .is_repeated = true});
  if (!live) {
    surroundings.err << fmt::format("memtrack: cannot look at this machine: {}\n",
                                    live.error().message());
    return kExitUsage;
  }
  Series series;
  const Watch watch = [&]() -> Result<Pass> {
    BATON_TRY(Snapshot snapshot, (*live)());
    series.Add(BuildModel(std::move(snapshot), Share::kOwner));
    const Course course = series.course();
    return Pass{course, Judge(course, {})};
  };
  const bool is_served = Serve(command.options, watch, surroundings.out, surroundings.err);
  return is_served ? kExitClean : kExitUsage;
}

}  // namespace memtrack
