// What there is to say about one process or one piece of memory, in sentences.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/course.h"
#include "tools/memtrack/rules/verdict.h"

namespace memtrack {

// Empty if there is no such process.
std::string WhyProcess(const Course& course, const std::vector<Verdict>& verdicts, int pid);

// Of every segment with this inode: numbers of different kinds may be equal. Empty if there is
// none.
std::string WhySegment(const Course& course, const std::vector<Verdict>& verdicts,
                       std::uint64_t inode);

}  // namespace memtrack
