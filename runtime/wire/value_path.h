// For people: which field of a message a value lies in, by its address.
#pragma once

#include <span>
#include <string>

#include <baton/wire/table.h>

namespace baton::wire {

// "frames[2].pixels" for the value at `wanted`, which is inside of `values[n]`, the value of
// `table.rows[n]`; empty when it is not found. Takes as long as looking at all values does.
std::string PathOf(const Table& table, std::span<void* const> values, const void* wanted);

}  // namespace baton::wire
