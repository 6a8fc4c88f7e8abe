#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "compiler/check/flat_name.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// FlatBuffers numbers them in a byte, from 1; the runtime has no union of 255 either
// (baton::wire::Union).
constexpr std::size_t kMaxMembers = 254;

using Seen = std::unordered_map<std::string, Span>;

// Where only a warning was said the names differ all the same: "int_2".
std::string Unique(const std::string& name, std::size_t number, const Seen& names) {
  std::string numbered = name + "_" + std::to_string(number);
  while (names.contains(numbered)) numbered += "_";
  return numbered;
}

// In IPDL's dialect as well: of such a union nothing could be generated.
void CheckCount(CheckContext& context, const Union& one) {
  if (one.members.size() <= kMaxMembers) return;
  constexpr auto kMost = static_cast<std::int64_t>(kMaxMembers);
  context
      .Report(kTooManyMembers, one.members[kMaxMembers].type.span, one.name,
              static_cast<std::int64_t>(one.members.size()), kMost)
      .Because(kMembersOfMembers, one.name_span, kMost);
}

void CheckNames(CheckContext& context, Union& one) {
  Seen names, types;
  for (UnionMember& member : one.members) {
    if (std::holds_alternative<ErrorType>(member.type.kind)) continue;
    const auto [name, is_new_name] = names.emplace(member.name, member.type.span);
    const auto [type, is_new_type] =
        types.emplace(Identity(context.model, member.type), member.type.span);
    if (is_new_name && is_new_type) continue;
    context.Report(kUnionMemberTwice, member.type.span, one.name, member.name)
        .Because(kFirstDeclaredHere, is_new_name ? type->second : name->second);
    if (is_new_name) continue;
    member.name = Unique(member.name, names.size() + 1, names);
    names.emplace(member.name, member.type.span);
  }
}

}  // namespace

void CheckUnions(CheckContext& context) {
  for (Union& one : context.model.unions) {
    CheckCount(context, one);
    CheckNames(context, one);
  }
}

}  // namespace batonc
