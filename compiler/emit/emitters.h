// One function per file that comes out, and what they share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/emit/printer.h"
#include "compiler/lower/plan.h"

namespace batonc {

std::string EmitTypesHeader(const Plan& plan);                                 // STEM.h
std::string EmitActorHeader(const Plan& plan, ActorPlan ProtocolPlan::*side);  // STEMParent.h
std::string EmitActorSource(const Plan& plan, ActorPlan ProtocolPlan::*side);  // STEMParent.cc
std::string EmitFbs(const Plan& plan);                                         // STEM.fbs
std::string EmitJson(const Plan& plan);                                        // STEM.json

// How the types and messages of one section travel; the last part of STEM.h.
void EmitTables(Printer& printer, const SectionPlan& section);

// "Parent", "Child"
std::string_view SideName(ActorPlan ProtocolPlan::*side);

// The lines of `doc` behind `///`; empty without a doc.
std::string DocComment(const Doc& doc);

// An enum of C++ or of a schema.
struct EnumText {
  std::string_view keyword;  // "enum class"
  std::string name;
  std::string underlying;
  std::string_view end;  // "}" and what follows it
  std::string (*value)(const EnumeratorPlan&);
};
void EmitEnum(Printer& printer, const EnumText& text, const Doc& doc,
              const std::vector<EnumeratorPlan>& enumerators);

// What `body` prints, inside of a namespace; without one when its name is empty.
void EmitNamespace(Printer& printer, const std::string& name, const Printer::Block& body);

}  // namespace batonc
