// The passes of Check, in their order. Each is one kind of truth; adding a rule is adding a
// function and a line in check.cc.
#pragma once

#include <vector>

#include "compiler/check/model.h"
#include "compiler/check/scope.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/parse/syntax.h"
#include "compiler/source/source_map.h"

namespace batonc {

// Gives `model` its files and the heads of its declarations; every name means one thing.
Scopes DeclareNames(const SourceMap& sources, const std::vector<SyntaxTree>& trees, Model& model,
                    Diagnostics& diagnostics);

// Gives the declarations their bodies; every type points at its declaration.
void ResolveTypes(const SourceMap& sources, const Scopes& scopes, Model& model,
                  Diagnostics& diagnostics);

// Gives enumerators their values: they fit, they differ.
void EvaluateEnums(const Scopes& scopes, Model& model, Diagnostics& diagnostics);

// Finds what carries memory; structs end somewhere, files do not need each other's types.
void CheckStructs(const SourceMap& sources, Model& model, Diagnostics& diagnostics);

// Structs, parameters and returns are each few enough for one table.
void CheckFieldCounts(const Model& model, Diagnostics& diagnostics);

// Fields, parameters and enumerators differ from each other and from what is visible around them.
void CheckMemberNames(const Scopes& scopes, const Model& model, Diagnostics& diagnostics);

// No name means something else in C++ or belongs to generated code.
void CheckReservedNames(const std::vector<SyntaxTree>& trees, Diagnostics& diagnostics);

// No name is also one that is generated.
void CheckGeneratedNames(const Scopes& scopes, const Model& model, Diagnostics& diagnostics);

// Numbers the messages; each has a direction, a name and a number of its own.
void CheckMessages(const SourceMap& sources, const Scopes& scopes, Model& model,
                   Diagnostics& diagnostics);

}  // namespace batonc
