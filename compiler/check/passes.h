// The passes of Check, in their order. Each is one kind of truth; adding a rule is adding a
// function and a line in check.cc. R1 to R36 are the rules of IPDL (idl/grammar.md names them).
#pragma once

#include "compiler/check/context.h"

namespace batonc {

// Gives the model its files and the heads of its declarations.
void DeclareNames(CheckContext& context);

// Every name means one thing in every file that sees it (R5, R6, R8).
void CheckRedeclarations(CheckContext& context);

// True for two `using` of one C++ type.
bool NameSameCppType(const DeclarationSyntax& a, const DeclarationSyntax& b);

// Gives enumerators their values: they fit, they differ.
void EvaluateEnums(CheckContext& context);

// Gives constants their types and values.
void EvaluateConstants(CheckContext& context);

// Gives the other declarations their bodies; every type points at its declaration (R9, R11).
void ResolveTypes(CheckContext& context);

// Puts what attributes say into the model (R14).
void ApplyAttributes(CheckContext& context);

// Gives fields their bounds and defaults.
void EvaluateFields(CheckContext& context);

// Structs and unions end somewhere (R12), fit a reader, and are boxed where they recur.
void CheckRecursion(CheckContext& context);

// Finds what values of structs and unions can be used for, and that `resource` says so.
void FindTraits(CheckContext& context);

// The members of a union are at most 254, and differ from each other.
void CheckUnions(CheckContext& context);

// Files do not need each other's types.
void CheckHeaders(CheckContext& context);

// Structs, parameters and returns are each few enough for one table.
void CheckFieldCounts(CheckContext& context);

// Fields, parameters and enumerators differ from each other and from what is visible around them
// (R7).
void CheckMemberNames(CheckContext& context);

// No name means something else in C++ or belongs to generated code.
void CheckReservedNames(CheckContext& context);

// No name is also one that is generated.
void CheckGeneratedNames(CheckContext& context);

// How files and protocols are called, and how many protocols a file has (R1 to R3).
void CheckFiles(CheckContext& context);

// Managers and managees: they agree, and make a tree (R15 to R22).
void CheckManagers(CheckContext& context);

// Numbers the messages; each has a direction, a name and a number of its own (R10, R23, R28).
void CheckMessages(CheckContext& context);

// What a message says about itself goes together (R24 to R35).
void CheckMessageAttributes(CheckContext& context);

// Every sync message is allowed (R36) or says why.
void CheckSyncReasons(CheckContext& context);

// No processes wait for each other in a circle.
void CheckSyncCircles(CheckContext& context);

// The versions in which things exist.
void FindVersions(CheckContext& context);

// Warns about what nothing uses or makes.
void CheckUnused(CheckContext& context);

}  // namespace batonc
