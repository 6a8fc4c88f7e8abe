#include "compiler/diag/displayed_text.h"
#include "compiler/driver/explain.h"
#include "compiler/driver/report.h"
#include "compiler/driver/run.h"

namespace batonc {

int Run(const ExplainCommand& command) {
  const auto page = Explain(command.code);
  if (!page) {
    PrintError("batonc: there is no problem `" + Displayable(command.code) + "`\n");
    return kExitUsage;
  }
  return PrintOut(*page) ? kExitFine : kExitUsage;
}

int Run(const Exit& exit) {
  return exit.code;
}

}  // namespace batonc
