// The only place that writes.
#pragma once

#include <string>
#include <vector>

#include <baton/base/result.h>

namespace batonc {

// Gives the file this content, whole or not at all, and makes the folders it needs. A file that has
// the content already is left as it is, time stamp included; one that is replaced keeps its
// permissions, and a symbolic link leads where it did. Errors: the system's.
baton::Result<void> WriteIfChanged(const std::string& path, const std::string& text);

// "a.h b.h: a.idl types.idlh" in the syntax of Make, which Ninja reads as well.
std::string DependencyFile(const std::vector<std::string>& outputs,
                           const std::vector<std::string>& inputs);

}  // namespace batonc
