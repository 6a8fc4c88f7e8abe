// One function per file that comes out, and what they share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/emit/printer.h"
#include "compiler/lower/plan.h"

namespace batonc {

std::string EmitTypesHeader(const Plan& plan);                        // STEM.h
std::string EmitActorHeader(const Plan& plan, const SidePlan& side);  // STEMParent.h
std::string EmitActorSource(const Plan& plan, const SidePlan& side);  // STEMParent.cc
std::string EmitFbs(const Plan& plan);                                // STEM.fbs

// How the types and messages of all sections travel; the last part of STEM.h.
void EmitTables(Printer& printer, const std::vector<SectionPlan>& sections);

// True when a type of it is named before it is complete.
bool HasForward(const SectionPlan& section);

// An enum of C++ or of a schema.
struct EnumText {
  std::string_view keyword;  // "enum class"
  std::string_view name;
  std::string_view underlying;
  std::string_view end;  // "}" and what follows it
};
void EmitEnum(Printer& printer, const EnumText& text, std::string_view doc,
              const std::vector<EnumeratorPlan>& enumerators);

// The parameters of SendX, the new actor of a constructor included.
std::string SentParameters(const MessagePlan& message, const MessageSidePlan& side);

// A sync message: what its SendX and RecvX return, and the SendX itself, in the class or, where
// that knows other actors' classes, in the source.
std::string SyncResult(const MessagePlan& message);
void EmitSyncSend(Printer& printer, const ProtocolPlan& protocol, const MessagePlan& message,
                  const MessageSidePlan& side);
void EmitSyncSendInSource(Printer& printer, const ProtocolPlan& protocol, const SidePlan& side,
                          const MessagePlan& message);

// RecvX has a body, which does nothing.
bool HasDefault(const MessagePlan& message, const MessageSidePlan& side);

// Classes that are named before they are declared.
void EmitForwards(Printer& printer, const std::vector<ForwardPlan>& forwards);

// What `body` prints, inside of a namespace; without one when its name is empty.
void EmitNamespace(Printer& printer, std::string_view name, Printer::Block body);

}  // namespace batonc
