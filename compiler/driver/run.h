// What stands behind each verb. Each returns the exit code.
#pragma once

#include "compiler/driver/options.h"

namespace batonc {

int Run(const CompileCommand& command);
int Run(const CheckCommand& command);
int Run(const FormatCommand& command);
int Run(const ExplainCommand& command);
int Run(const DiffCommand& command);
int Run(const DocCommand& command);
int Run(const JsonCommand& command);
int Run(const GraphCommand& command);
int Run(const Exit& exit);

}  // namespace batonc
