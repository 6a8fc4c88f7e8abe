#include <fmt/format.h>

#include <string_view>

#include "compiler/spell/spell.h"

namespace batonc {
namespace {

using Attributes = std::vector<std::string>;

constexpr std::string_view kNestings[] = {"not", "inside_sync", "inside_cpow"};
constexpr std::string_view kPriorities[] = {"normal", "input", "vsync", "mediumhigh", "control"};

template <class Kind, std::size_t kCount>
std::string_view Word(const std::string_view (&words)[kCount], Kind kind) {
  return words[static_cast<std::size_t>(kind)];
}

void AddIf(Attributes& list, bool wanted, std::string_view attribute) {
  if (wanted) list.emplace_back(attribute);
}

void AddText(Attributes& list, std::string_view name, std::string_view text) {
  if (!text.empty()) list.push_back(fmt::format("{}=\"{}\"", name, text));
}

void AddLifetime(Attributes& list, const Lifetime& lifetime) {
  if (lifetime.since > 1) list.push_back(fmt::format("Since={}", lifetime.since));
  if (lifetime.removed > 0) list.push_back(fmt::format("Removed={}", lifetime.removed));
}

std::string Duration(std::uint64_t microseconds) {
  if (microseconds % 1'000'000 == 0) return fmt::format("{}s", microseconds / 1'000'000);
  if (microseconds % 1'000 == 0) return fmt::format("{}ms", microseconds / 1'000);
  return fmt::format("{}us", microseconds);
}

}  // namespace

std::string Spell(const Model& model, const Value& value) {
  return std::visit(
      Overloaded{[](bool flag) { return std::string(flag ? "true" : "false"); },
                 [](const Integer& integer) {
                   return fmt::format("{}{}", integer.negative ? "-" : "", integer.magnitude);
                 },
                 [](double real) { return fmt::format("{}", real); },
                 [](const std::string& text) { return "\"" + text + "\""; },
                 [&](EnumeratorRef ref) {
                   return model.enumeration(ref.enumeration).enumerators[ref.index].name;
                 }},
      value);
}

Attributes SpellAttributes(const Model& model, const Field& field) {
  Attributes list;
  const Bounds& bounds = field.bounds;
  if (bounds.min) list.push_back("Min=" + Spell(model, *bounds.min));
  if (bounds.max) list.push_back("Max=" + Spell(model, *bounds.max));
  if (bounds.max_count) list.push_back(fmt::format("MaxCount={}", *bounds.max_count));
  AddIf(list, field.no_taint == NoTaint::kPassback, "NoTaint=passback");
  AddIf(list, field.no_taint == NoTaint::kAllValid, "NoTaint=allvalid");
  AddLifetime(list, field.lifetime);
  return list;
}

Attributes SpellAttributes(const Message& message) {
  Attributes list;
  AddText(list, "Because", message.because);
  if (message.deadline_us) list.push_back("Deadline=" + Duration(*message.deadline_us));
  if (message.nesting != Nesting::kNot) {
    list.push_back(fmt::format("Nested={}", Word(kNestings, message.nesting)));
  }
  AddIf(list, message.compress == Compress::kAdjacent, "Compress");
  AddIf(list, message.compress == Compress::kAll, "Compress=all");
  if (message.priority != Priority::kNormal) {
    list.push_back(fmt::format("Priority={}", Word(kPriorities, message.priority)));
  }
  if (message.reply_priority) {
    list.push_back(fmt::format("ReplyPriority={}", Word(kPriorities, *message.reply_priority)));
  }
  AddIf(list, message.is_lazy, "LazySend");
  AddIf(list, message.is_tainted, "Tainted");
  AddIf(list, message.has_virtual_send, "VirtualSendImpl");
  AddLifetime(list, message.lifetime);
  return list;
}

Attributes SpellAttributes(const Enumerator& enumerator) {
  Attributes list;
  AddLifetime(list, enumerator.lifetime);
  return list;
}

Attributes SpellAttributes(const Protocol& protocol) {
  Attributes list;
  if (!protocol.parent_process.empty()) list.push_back("ParentProc=" + protocol.parent_process);
  if (!protocol.child_process.empty()) list.push_back("ChildProc=" + protocol.child_process);
  AddText(list, "ParentImpl", protocol.parent_class);
  AddText(list, "ChildImpl", protocol.child_class);
  if (protocol.nested_up_to != Nesting::kNot) {
    list.push_back(fmt::format("NestedUpTo={}", Word(kNestings, protocol.nested_up_to)));
  }
  AddIf(list, protocol.needs_other_pid, "NeedsOtherPid");
  AddIf(list, protocol.is_manually_deallocated, "ManualDealloc");
  AddIf(list, protocol.trusts == Side::kParent, "Trusts=parent");
  AddIf(list, protocol.trusts == Side::kChild, "Trusts=child");
  return list;
}

}  // namespace batonc
