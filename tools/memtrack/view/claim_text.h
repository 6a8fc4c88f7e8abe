// What registries say (docs/memtrack-registry.md), and where the kernel says otherwise, in words.
#pragma once

#include <cstddef>
#include <string>

#include "tools/memtrack/model/model.h"

namespace memtrack {

// Lines about what `process`, which holds it, says of it; empty if it says nothing at all.
std::string ClaimsText(const Model& model, const SegmentUse& use, std::size_t process);

// Of those who say something of it and do not hold it.
std::string EmptyClaimsText(const Model& model, const SegmentUse& use);

// "decoder (1001) owns it.", or between whom it is; empty where nobody knows.
std::string WhoseText(const Model& model, const SegmentUse& use);

// What is wrong with the registry of a process; empty when it has none, or nothing is.
std::string RegistryText(const Model& model, const ProcessKey& process);

}  // namespace memtrack
