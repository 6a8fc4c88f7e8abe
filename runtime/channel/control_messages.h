// The payloads that the runtime itself sends, by the same rows as everybody's.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include <baton/wire/table.h>

namespace baton::internal {

// HELLO: {wire_version, protocol, schema_hash, protocol_version, side}.
inline constexpr wire::Row kHelloRows[] = {
    {"wire_version", 0, 0, &wire::kUint32}, {"protocol", 0, 1, &wire::kString},
    {"schema_hash", 0, 2, &wire::kUint64},  {"protocol_version", 0, 3, &wire::kUint32},
    {"side", 0, 4, &wire::kUint8},
};
inline constexpr wire::Table kHelloTable = {"HELLO", kHelloRows};

// The same with `flow`, which is said only while a trace is written, and always understood.
inline constexpr wire::Row kTracedHelloRows[] = {
    {"wire_version", 0, 0, &wire::kUint32}, {"protocol", 0, 1, &wire::kString},
    {"schema_hash", 0, 2, &wire::kUint64},  {"protocol_version", 0, 3, &wire::kUint32},
    {"side", 0, 4, &wire::kUint8},          {"flow", 0, 5, &wire::kUint64},
};
inline constexpr wire::Table kTracedHelloTable = {"HELLO", kTracedHelloRows};

struct Hello {
  std::uint32_t wire_version = 0;
  std::string protocol;
  std::uint64_t schema_hash = 0;
  std::uint32_t protocol_version = 0;
  std::uint8_t side = 0;
  std::uint64_t flow = 0;  // runtime/looking/channel_view.h
};

// REJECT: {space, value}.
inline constexpr wire::Row kRejectRows[] = {
    {"space", 0, 0, &wire::kUint8},
    {"value", 0, 1, &wire::kInt32},
};
inline constexpr wire::Table kRejectTable = {"REJECT", kRejectRows};

struct Rejection {
  std::uint8_t space = 0;
  std::int32_t value = 0;
};

// What can be said to a peer about `error`, and what is made of it there. Anything that is neither
// a portable errno number nor an Errc becomes Errc::kRejected.
Rejection ToRejection(std::error_code error);
std::error_code FromRejection(const Rejection& rejection);

// RELEASE, TAKEN and UNMAP: {id_high, id_low, transfer}.
inline constexpr wire::Row kReleaseRows[] = {
    {"id_high", 0, 0, &wire::kUint64},
    {"id_low", 0, 1, &wire::kUint64},
    {"transfer", 0, 2, &wire::kUint64},
};
inline constexpr wire::Table kReleaseTable = {"RELEASE", kReleaseRows};

// The same with `keeps_mapping`, which is said only of memory that goes back to who has made it,
// and always understood.
inline constexpr wire::Row kReturnRows[] = {
    {"id_high", 0, 0, &wire::kUint64},
    {"id_low", 0, 1, &wire::kUint64},
    {"transfer", 0, 2, &wire::kUint64},
    {"keeps_mapping", 0, 3, &wire::kBool},
};
inline constexpr wire::Table kReturnTable = {"RELEASE", kReturnRows};
// KEEP: {id_high, id_low, size}; the memory's handle lies beside it.
inline constexpr wire::Row kKeepRows[] = {
    {"id_high", 0, 0, &wire::kUint64},
    {"id_low", 0, 1, &wire::kUint64},
    {"size", 0, 2, &wire::kUint64},
};
inline constexpr wire::Table kKeepTable = {"KEEP", kKeepRows};

// OPEN: {protocol}, wire::Protocol::id of what the new actor speaks.
inline constexpr wire::Row kOpenRows[] = {{"protocol", 0, 0, &wire::kUint64}};
inline constexpr wire::Table kOpenTable = {"OPEN", kOpenRows};

// GONE: {reason}, an ActorDestroyReason: kFailedConstructor or kManagedEndpointDropped.
inline constexpr wire::Row kGoneRows[] = {{"reason", 0, 0, &wire::kUint8}};
inline constexpr wire::Table kGoneTable = {"GONE", kGoneRows};

}  // namespace baton::internal
