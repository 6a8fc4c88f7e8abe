// The parts of a plan that stand for fields, enums and structs.
#pragma once

#include <string>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/lower/cpp_types.h"
#include "compiler/lower/plan.h"

namespace batonc {

// Fields of a struct or of a reply called `owner`, or with no owner: parameters, or the one value
// that a reply is. `scope` is where they are named.
std::vector<FieldPlan> LowerFields(const Model& model, const std::vector<Field>& fields,
                                   const std::string& owner, const CppScope& scope);

EnumPlan LowerEnum(const Enum& declaration);
StructPlan LowerStruct(const Model& model, const Struct& declaration);

// False when something in `fields` is memory, which has no operator==.
bool Comparable(const Model& model, const std::vector<Field>& fields);

}  // namespace batonc
