#include "compiler/lower/lower_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "compiler/lower/cpp_values.h"
#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

// "kArrayOfRect"; an underscore more where another alternative is called so already.
std::string TagOf(const std::string& member, std::unordered_set<std::string>& taken) {
  std::string tag = "k" + member;
  if (tag[1] >= 'a' && tag[1] <= 'z') tag[1] = static_cast<char>(tag[1] - 'a' + 'A');
  while (!taken.insert(tag).second) tag += '_';
  return tag;
}

// [Comparable] vouches for C++ types, not for what can never be compared.
bool ComparesWithHelp(const Model& model, const Type& type) {
  return !Contains(
      type, Overloaded{[](const MemoryType&) { return true; }, [](SliceType) { return true; },
                       [](FileDescriptorType) { return true; }, [](EndpointType) { return true; },
                       [](const UniquePtrTo&) { return true; },
                       [&](StructId id) {
                         const Struct& part = model.structure(id);
                         return !part.traits.is_comparable && !part.wants_comparison;
                       },
                       [&](UnionId id) {
                         const Union& part = model.union_of(id);
                         return !part.traits.is_comparable && !part.wants_comparison;
                       },
                       [](const auto&) { return false; }});
}

bool IsComparable(const Model& model, const Struct& declaration) {
  if (declaration.traits.is_comparable) return true;
  return declaration.wants_comparison &&
         std::ranges::all_of(declaration.fields, [&](const Field& field) {
           return ComparesWithHelp(model, field.type);
         });
}

}  // namespace

std::string DocLines(const Doc& doc) {
  std::string lines;
  for (const std::string& line : doc) {
    if (!lines.empty()) lines += '\n';
    lines += "/// " + line;
    // A backslash at the end would take the next line into the comment.
    if (line.ends_with('\\')) lines += " //";
  }
  return lines;
}

std::vector<MemberPlan> LowerMembers(const std::vector<Field>& fields, const CppTypes& types) {
  std::vector<MemberPlan> members;
  members.reserve(fields.size());
  for (const Field& field : fields) {
    members.push_back({DocLines(field.doc), types.Name(field.type), field.name,
                       field.default_value ? types.Literal(field.type, *field.default_value)
                                           : types.Initializer(field.type)});
  }
  return members;
}

TablePlan LowerTable(const Model& model, const std::vector<Field>& fields, const std::string& owner,
                     const CppTypes& types, TableNames names) {
  TablePlan table = {
      std::move(names.constant), std::move(names.stem), std::move(names.wire_name), {}};
  table.rows.reserve(fields.size());
  for (const Field& field : fields) {
    RowPlan& row = table.rows.emplace_back();
    row.name = field.name;
    row.offset = owner.empty() ? "0" : "offsetof(" + owner + ", " + field.name + ")";
    row.slot = static_cast<std::uint32_t>(table.rows.size() - 1);
    row.wire_type = types.WireType(field.type);
    row.bounds = WireBounds(field.type, field.bounds);
    if (field.default_value) {
      row.default_value = WireDefault(model, field.type, *field.default_value);
    }
    row.lifetime = field.lifetime;
  }
  return table;
}

EnumPlan LowerEnum(const Enum& declaration) {
  const ScalarNames underlying = NamesOf(declaration.underlying);
  EnumPlan plan;
  plan.name = declaration.name;
  plan.full_name = FullName(declaration);
  plan.doc = DocLines(declaration.doc);
  plan.cpp_underlying = underlying.cpp;
  plan.wire_underlying = "baton::wire::Kind::" + std::string(underlying.wire);
  plan.wire_default = CppInteger(declaration.enumerators.front().value);
  plan.is_flags = declaration.is_flags;
  plan.is_extensible = declaration.is_extensible;
  std::vector<const Enumerator*> ascending;
  for (const Enumerator& enumerator : declaration.enumerators) {
    plan.enumerators.push_back(
        {enumerator.name, CppInteger(enumerator.value), DocLines(enumerator.doc)});
    ascending.push_back(&enumerator);
  }
  std::ranges::sort(ascending, {}, &Enumerator::value);
  std::string lifetimes;
  bool has_lifetimes = false;
  for (const Enumerator* enumerator : ascending) {
    const std::string_view separator = plan.wire_values.empty() ? "" : ", ";
    plan.wire_values.append(separator).append(CppInteger(enumerator->value));
    plan.wire_names.append(separator).append("\"" + enumerator->name + "\"");
    const Lifetime& lifetime = enumerator->lifetime;
    lifetimes += fmt::format("{}{{{}, {}}}", separator, lifetime.since, lifetime.removed);
    has_lifetimes = has_lifetimes || lifetime != Lifetime{};
  }
  if (has_lifetimes) plan.wire_lifetimes = std::move(lifetimes);
  return plan;
}

StructPlan LowerStruct(const Model& model, const Reach::Found& found) {
  const Struct& declaration = model.structure(std::get<StructId>(found.type));
  const CppScope scope{declaration.namespace_path};
  const CppTypes types(model, scope);
  StructPlan plan;
  plan.name = declaration.name;
  plan.doc = DocLines(declaration.doc);
  plan.comparable = IsComparable(model, declaration);
  plan.is_forward = found.leads_back;
  plan.members = LowerMembers(declaration.fields, types);
  // The default of an array whose elements are not complete yet cannot be written here.
  for (MemberPlan& member : plan.members) {
    if (found.in_circle && member.initializer == "{}") member.initializer.clear();
  }
  plan.table = LowerTable(model, declaration.fields, declaration.name, types,
                          {"k" + plan.name, "k" + plan.name, FullName(declaration)});
  return plan;
}

UnionPlan LowerUnion(const Model& model, const Reach::Found& found) {
  const Union& declaration = model.union_of(std::get<UnionId>(found.type));
  const CppScope scope{declaration.namespace_path};
  const CppTypes types(model, scope);
  UnionPlan plan;
  plan.name = declaration.name;
  plan.full_name = FullName(declaration);
  plan.doc = DocLines(declaration.doc);
  plan.is_forward = found.leads_back;
  std::unordered_set<std::string> taken;
  plan.alternatives.reserve(declaration.members.size());
  for (const UnionMember& member : declaration.members) {
    const std::string type = types.Name(member.type);
    if (!plan.types.empty()) plan.types += ", ";
    plan.types += member.is_boxed ? "baton::Boxed<" + type + ">" : type;
    plan.alternatives.push_back({TagOf(member.name, taken), DocLines(member.doc), member.name,
                                 types.WireType(member.type)});
  }
  plan.constructor =
      plan.name == "Union" ? "baton::Union<" + plan.types + ">::Union" : "Union::Union";
  return plan;
}

ConstantPlan LowerConstant(const Model& model, const Constant& constant) {
  const CppScope scope{constant.namespace_path};
  const CppTypes types(model, scope);
  const bool is_text = std::holds_alternative<StringType>(constant.type.kind);
  return {DocLines(constant.doc), is_text ? "std::string_view" : types.Name(constant.type),
          constant.name, types.Literal(constant.type, constant.value)};
}

}  // namespace batonc
