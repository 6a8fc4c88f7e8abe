#include "compiler/lower/lower_types.h"

#include <algorithm>
#include <limits>

#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

TypePlan LowerType(const Model& model, const Type& type) {
  return std::visit(
      Overloaded{[](ErrorType) {
                   return TypePlan{"error", {}, {}};
                 },
                 [](Scalar scalar) {
                   return TypePlan{std::string(NamesOf(scalar).idl), {}, {}};
                 },
                 [](StringType) {
                   return TypePlan{"string", {}, {}};
                 },
                 [](BytesType) {
                   return TypePlan{"bytes", {}, {}};
                 },
                 [](MemoryKind kind) {
                   return TypePlan{std::string(NameOf(kind)), {}, {}};
                 },
                 [&](EnumId id) {
                   return TypePlan{"enum", FullName(model.enumeration(id)), {}};
                 },
                 [&](StructId id) {
                   return TypePlan{"struct", FullName(model.structure(id)), {}};
                 },
                 [&](const ArrayOf& array) {
                   return TypePlan{"array", {}, {LowerType(model, *array.element)}};
                 },
                 [&](const OptionalOf& optional) {
                   return TypePlan{"optional", {}, {LowerType(model, *optional.value)}};
                 }},
      type.kind);
}

// The lowest number has no literal in C++: `-` is an operator, and its operand does not fit.
std::string CppInteger(std::int64_t value) {
  if (value == std::numeric_limits<std::int64_t>::min()) return "-9223372036854775807 - 1";
  return std::to_string(value);
}

}  // namespace

std::vector<FieldPlan> LowerFields(const Model& model, const std::vector<Field>& fields,
                                   const std::string& owner, const CppScope& scope) {
  const CppTypes types(model, scope);
  std::vector<FieldPlan> plans;
  for (const Field& field : fields) {
    const std::string cpp_type = types.Name(field.type);
    FieldPlan plan;
    plan.name = field.name;
    plan.doc = field.doc;
    plan.type = LowerType(model, field.type);
    plan.cpp_type = cpp_type;
    plan.initializer = types.Initializer(field.type);
    plan.sent = types.Sent(field.type, field.name);
    plan.received = cpp_type + " " + field.name;
    plan.local = plan.received + (IsPlain(field.type) ? " = {}" : "");
    plan.handed_over = IsPlain(field.type) ? field.name : "std::move(" + field.name + ")";
    plan.offset = owner.empty() ? "0" : "offsetof(" + owner + ", " + field.name + ")";
    plan.slot = std::to_string(plans.size());
    plan.wire_type = types.WireType(field.type);
    plans.push_back(std::move(plan));
  }
  return plans;
}

EnumPlan LowerEnum(const Enum& declaration) {
  const ScalarNames underlying = NamesOf(declaration.underlying);
  EnumPlan plan;
  plan.name = declaration.name;
  plan.full_name = FullName(declaration);
  plan.doc = declaration.doc;
  plan.underlying = underlying.idl;
  plan.cpp_underlying = underlying.cpp;
  plan.wire_underlying = "baton::wire::Kind::" + std::string(underlying.wire);
  plan.wire_default = CppInteger(declaration.enumerators.front().value);
  std::vector<std::int64_t> values;
  for (const Enumerator& enumerator : declaration.enumerators) {
    plan.enumerators.push_back(
        {enumerator.name, enumerator.value, CppInteger(enumerator.value), enumerator.doc});
    values.push_back(enumerator.value);
  }
  std::ranges::sort(values);
  for (const std::int64_t value : values) plan.wire_values.push_back(CppInteger(value));
  return plan;
}

StructPlan LowerStruct(const Model& model, const Struct& declaration) {
  return {declaration.name, FullName(declaration), declaration.doc, !declaration.carries_memory,
          LowerFields(model, declaration.fields, declaration.name,
                      CppScope{declaration.namespace_path})};
}

bool Comparable(const Model& model, const std::vector<Field>& fields) {
  return std::ranges::none_of(fields,
                              [&](const Field& field) { return CarriesMemory(model, field.type); });
}

}  // namespace batonc
