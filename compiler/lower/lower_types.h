// The parts of a plan that stand for fields, enums, structs, unions and constants.
#pragma once

#include <string>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/lower/cpp_types.h"
#include "compiler/lower/plan.h"
#include "compiler/lower/reach.h"

namespace batonc {

// The lines of `doc` behind `///`; empty without a doc.
std::string DocLines(const Doc& doc);

std::vector<MemberPlan> LowerMembers(const std::vector<Field>& fields, const CppTypes& types);

// How a table is called: its constant, and what the constants of its parts begin with.
struct TableNames {
  std::string constant;
  std::string stem;
  std::string wire_name;
};

// The rows of a struct or of a reply called `owner`, or with no owner: of parameters, or of the one
// value that a reply is.
TablePlan LowerTable(const Model& model, const std::vector<Field>& fields, const std::string& owner,
                     const CppTypes& types, TableNames names);

EnumPlan LowerEnum(const Enum& declaration);
StructPlan LowerStruct(const Model& model, const Reach::Found& found);
UnionPlan LowerUnion(const Model& model, const Reach::Found& found);
ConstantPlan LowerConstant(const Model& model, const Constant& constant);

}  // namespace batonc
