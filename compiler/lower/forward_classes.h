// The generated classes that a side's header names before, or without, having seen them.
#pragma once

#include <string>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/lower/plan.h"

namespace batonc {

// Of actors and endpoints in the messages of `file`, and of managed actors; by namespace, each
// once.
std::vector<ForwardPlan> ForwardClasses(const Model& model, const File& file, Side side);

// Those that the types of `files` name, which share a header: both sides' classes of actors that
// are part of a value.
std::vector<ForwardPlan> ForwardClassesOfTypes(const Model& model,
                                               const std::vector<FileId>& files);

// The other files whose classes the sources of `file` need to know, as "media/camera".
std::vector<std::string> OutputsOfClasses(const Model& model, const File& file);

}  // namespace batonc
