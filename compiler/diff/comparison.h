// The parts of Diff: what they share, and one function per kind of declaration.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/diff/change.h"
#include "compiler/diff/reached_versions.h"

namespace batonc {

struct Comparison {
  const Model& older;
  const Model& newer;
  ReachedVersions older_versions;
  Changes changes;
  // Types that a value changed from and to, whose names differ: renamed, and compared as well.
  std::set<std::pair<StructId, StructId>> renamed_structs;
  std::set<std::pair<UnionId, UnionId>> renamed_unions;
  std::set<std::pair<EnumId, EnumId>> renamed_enums;
  // Full names of what only one of the two has.
  std::set<std::string_view> gone;
  std::set<std::string_view> added;
};

enum class TypeChange : std::uint8_t { kNone, kSource, kWire };

TypeChange CompareTypes(Comparison& comparison, const Type& older, const Type& newer);

// The list that a field is in.
struct FieldList {
  std::string_view noun;  // "field", "parameter", "part of the answer"
  std::string owner;      // "struct `media::Frame`"
  Span older_owner;
  Span newer_owner;
  std::uint32_t older_version = 1;
  bool has_names_in_cpp = true;  // to be used by name in C++
  bool is_signature = false;     // of a message: its parts have no [Since]
};

void CompareFields(Comparison& comparison, const FieldList& list, const std::vector<Field>& older,
                   const std::vector<Field>& newer);

void CompareStructs(Comparison& comparison, StructId older, StructId newer);
void CompareUnions(Comparison& comparison, UnionId older, UnionId newer);
void CompareEnums(Comparison& comparison, EnumId older, EnumId newer);
void CompareProtocols(Comparison& comparison, const Protocol& older, const Protocol& newer);
void CompareMessages(Comparison& comparison, const Protocol& owner, const Message& older,
                     const Message& newer);

// What exists in both, but perhaps in other versions. Reports at most one change.
struct LifetimeChange {
  std::string what;
  ChangePlace older_place;
  ChangePlace newer_place;
  std::uint32_t older_version = 1;
};
void CompareLifetimes(Comparison& comparison, const LifetimeChange& change, const Lifetime& older,
                      const Lifetime& newer);

// What is new. True when [Since] says that the older peers do not have it; else that was reported.
bool HasSince(Comparison& comparison, const std::string& what, Span place, const Lifetime& lifetime,
              std::uint32_t older_version);

// "field `width` of struct `media::Frame`"
std::string PhraseOf(std::string_view noun, std::string_view name, std::string_view owner);

}  // namespace batonc
