// Verdicts, coverage and passes in words.
#pragma once

#include <string>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/verdict.h"

namespace memtrack {

// "leak growth: ...", and the advice on a line of its own.
std::string VerdictText(const Verdict& verdict);

// "2 leaks, 1 risk"; "nothing leaks".
std::string SummaryText(const std::vector<Verdict>& verdicts);

// One line of a watch: time, segments, bytes, and what has changed since `first`.
std::string PassText(const Model& first, const Model& model);

// What was not seen, as one line; empty if everything was.
std::string CoverageText(const Model& model);

}  // namespace memtrack
