// What /proc says about a process, read as plainly as can be: memtrack is held to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace weston_test {

// Its mappings of memfds of this name: inode -> bytes mapped.
std::map<std::uint64_t, std::uint64_t> MemfdsMappedBy(int pid, const std::string& name);

// How many descriptors it has for memfds of this name.
std::size_t MemfdsOpenIn(int pid, const std::string& name);

}  // namespace weston_test
