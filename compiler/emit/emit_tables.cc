#include <fmt/format.h>

#include <algorithm>

#include "compiler/emit/emitters.h"

namespace batonc {
namespace {

void EmitEnumeration(Printer& printer, const EnumPlan& plan) {
  const bool has_lifetimes = !plan.wire_lifetimes.empty();
  std::string kinds;
  if (plan.is_flags || plan.is_extensible || has_lifetimes) {
    kinds = plan.is_flags ? ", true" : ", false";
  }
  if (plan.is_extensible || has_lifetimes) kinds += plan.is_extensible ? ", true" : ", false";
  if (has_lifetimes) {
    kinds += ", k" + plan.name + "Lifetimes_";
    printer.Emit({{"Name", plan.name}, {"lifetimes", plan.wire_lifetimes}},
                 "inline constexpr baton::wire::Lifetime k${Name}Lifetimes_[] = {${lifetimes}};");
  }
  printer.Emit({{"Name", plan.name},
                {"values", plan.wire_values},
                {"names", plan.wire_names},
                {"full_name", plan.full_name},
                {"underlying", plan.wire_underlying},
                {"default", plan.wire_default},
                {"kinds", kinds}},
               R"(
    inline constexpr std::int64_t k${Name}Values_[] = {${values}};
    inline constexpr const char* k${Name}Names_[] = {${names}};
    inline constexpr baton::wire::Enumeration k${Name} = {"${full_name}", ${underlying}, k${Name}Values_, ${default}, k${Name}Names_${kinds}};

  )");
}

// What is behind the type in a row: nothing, for most.
std::string RestOf(const TablePlan& table, const RowPlan& row) {
  const bool has_lifetime = row.lifetime != Lifetime{};
  if (row.bounds.empty() && row.default_value.empty() && !has_lifetime) return {};
  const auto constant = [&](const std::string& value, std::string_view kind) {
    return value.empty() ? "nullptr" : fmt::format("&{}{}{}_", table.stem, kind, row.slot);
  };
  std::string rest = ", " + constant(row.bounds, "Bounds");
  if (row.default_value.empty() && !has_lifetime) return rest;
  rest += ", " + constant(row.default_value, "Default");
  if (has_lifetime) rest += fmt::format(", {}, {}", row.lifetime.since, row.lifetime.removed);
  return rest;
}

void EmitConstants(Printer& printer, const TablePlan& table) {
  const auto emit = [&](const RowPlan& row, std::string_view kind, const std::string& value) {
    if (value.empty()) return;
    printer.Emit({{"kind", kind},
                  {"stem", table.stem},
                  {"slot", std::to_string(row.slot)},
                  {"value", value}},
                 "inline constexpr baton::wire::${kind} ${stem}${kind}${slot}_ = ${value};");
  };
  for (const RowPlan& row : table.rows) {
    emit(row, "Bounds", row.bounds);
    emit(row, "Default", row.default_value);
  }
}

void EmitTable(Printer& printer, const TablePlan& table) {
  if (table.rows.empty()) {
    return printer.Emit({{"table", table.constant}, {"wire_name", table.wire_name}}, R"(
      inline constexpr baton::wire::Table ${table} = {"${wire_name}", {}};
    )");
  }
  const auto rows = [&] {
    for (const RowPlan& row : table.rows) {
      printer.Emit({{"name", row.name},
                    {"offset", row.offset},
                    {"slot", std::to_string(row.slot)},
                    {"type", row.wire_type},
                    {"rest", RestOf(table, row)}},
                   R"({"${name}", ${offset}, ${slot}, &${type}${rest}},)");
    }
  };
  EmitConstants(printer, table);
  printer.Emit({{"table", table.constant},
                {"stem", table.stem},
                {"wire_name", table.wire_name},
                {"rows", rows}},
               R"(
    inline constexpr baton::wire::Row ${stem}Rows_[] = {
        ${rows}
    };
    inline constexpr baton::wire::Table ${table} = {"${wire_name}", ${stem}Rows_};
  )");
}

void EmitUnion(Printer& printer, const UnionPlan& plan) {
  const auto alternatives = [&] {
    for (const AlternativePlan& alternative : plan.alternatives) {
      printer.Emit({{"name", alternative.name}, {"type", alternative.wire_type}},
                   R"({"${name}", &${type}},)");
    }
  };
  printer.Emit({{"Name", plan.name}, {"full_name", plan.full_name}, {"alternatives", alternatives}},
               R"(
    inline constexpr baton::wire::Alternative k${Name}Alternatives_[] = {
        ${alternatives}
    };
    inline constexpr baton::wire::Union k${Name} = {"${full_name}", k${Name}Alternatives_, &baton::wire::kUnionOperations<${Name}>};
  )");
}

std::string_view NameOf(MessageRole role) {
  switch (role) {
    case MessageRole::kPlain: return "baton::wire::MessageRole::kPlain";
    case MessageRole::kConstructor: return "baton::wire::MessageRole::kConstructor";
    case MessageRole::kDestructor: return "baton::wire::MessageRole::kDestructor";
  }
  return "";
}

void EmitReply(Printer& printer, const ReplyPlan& reply) {
  EmitTable(printer, reply.table);
  if (!reply.outcome) return;
  const OutcomePlan& outcome = *reply.outcome;
  printer.Emit({{"Reply", outcome.name},
                {"Answer", reply.name},
                {"answer", reply.table.constant},
                {"error", outcome.error_wire_type},
                {"constant", outcome.union_constant},
                {"stem", outcome.union_stem},
                {"wire_name", outcome.union_wire_name}},
               R"(
    inline constexpr baton::wire::Alternative ${stem}Alternatives_[] = {
        {"answer", &baton::wire::kStructOf<${Answer}, ${answer}>},
        {"error", &${error}},
    };
    inline constexpr baton::wire::Union ${constant} = {"${wire_name}", ${stem}Alternatives_, &baton::wire::kVariantOperations<${Reply}>};
  )");
  EmitTable(printer, outcome.table);
}

void EmitMessage(Printer& printer, const MessagePlan& message) {
  EmitTable(printer, message.parameters);
  if (message.reply) EmitReply(printer, *message.reply);
  const Lifetime& lifetime = message.lifetime;
  const bool is_plain = message.role == MessageRole::kPlain;
  const bool is_queued = !message.queueing.empty();
  std::string rest = lifetime == Lifetime{} && is_plain && !is_queued
                         ? std::string()
                         : fmt::format(", {}, {}", lifetime.since, lifetime.removed);
  if (!is_plain || is_queued) rest += fmt::format(", {}", NameOf(message.role));
  if (is_queued) rest += ", " + message.queueing;
  printer.Emit({{"constant", message.constant},
                {"full_name", message.full_name},
                {"id", message.cpp_id},
                {"parameters", message.parameters.constant},
                {"reply", message.reply     ? "&" + message.reply->constant()
                          : message.is_sync ? "&baton::wire::kNothing"
                                            : "nullptr"},
                {"rest", rest},
                {"begin", message.is_sync ? "baton::wire::Sync({" : "{"},
                {"end", !message.is_sync    ? "}"
                        : message.is_nested ? "}, true)"
                                            : "})"}},
               R"(
    inline constexpr baton::wire::Message ${constant} = ${begin}"${full_name}", ${id}, &${parameters}, ${reply}${rest}${end};

  )");
}

// The messages that a side receives. An array of none is not C++, so the span of none stands for
// it.
std::string EmitDirection(Printer& printer, std::string_view name, const ProtocolPlan& protocol,
                          MessageSidePlan MessagePlan::*side) {
  std::string messages;
  for (const MessagePlan& message : protocol.messages) {
    if (!(message.*side).receives) continue;
    messages += (messages.empty() ? "&" : ", &") + message.constant;
  }
  if (messages.empty()) return "{}";
  printer.Emit({{"name", name}, {"messages", messages}},
               "inline constexpr const baton::wire::Message* ${name}[] = {${messages}};");
  return std::string(name);
}

std::string EmitOlderHashes(Printer& printer, const ProtocolPlan& protocol) {
  if (protocol.older_hashes.empty()) return {};
  const auto hash = [](const std::string& text) { return text + "ull"; };
  printer.Emit({{"hashes", Join(protocol.older_hashes, ", ", hash)}},
               "inline constexpr std::uint64_t kOlderHashes_[] = {${hashes}};");
  return ", kOlderHashes_";
}

void EmitProtocol(Printer& printer, const ProtocolPlan& protocol) {
  for (const MessagePlan& message : protocol.messages) EmitMessage(printer, message);
  const std::string to_parent = EmitDirection(printer, "kToParent", protocol, &MessagePlan::parent);
  const std::string to_child = EmitDirection(printer, "kToChild", protocol, &MessagePlan::child);
  std::string rest = EmitOlderHashes(printer, protocol);
  if (!protocol.looks_ahead.empty()) {
    rest += (rest.empty() ? ", {}, " : ", ") + protocol.looks_ahead;
  }
  printer.Emit({{"full_name", protocol.full_name},
                {"hash", protocol.schema_hash},
                {"version", std::to_string(protocol.version)},
                {"to_parent", to_parent},
                {"to_child", to_child},
                {"rest", rest}},
               R"(
    inline constexpr baton::wire::Protocol kProtocol = {"${full_name}", ${hash}ull, ${version}, ${to_parent}, ${to_child}${rest}};
  )");
}

void EmitForward(Printer& printer, const SectionPlan& section) {
  const auto emit = [&](std::string_view kind, const std::string& name) {
    printer.Emit({{"kind", kind}, {"Name", name}}, "extern const baton::wire::${kind} k${Name};");
  };
  for (const auto& type : section.types) {
    std::visit(Overloaded{[](const EnumPlan&) {},
                          [&](const StructPlan& plan) {
                            if (plan.is_forward) emit("Table", plan.name);
                          },
                          [&](const UnionPlan& plan) {
                            if (plan.is_forward) emit("Union", plan.name);
                          }},
               type);
  }
}

void EmitTypes(Printer& printer, const SectionPlan& section) {
  for (const auto& type : section.types) {
    std::visit(Overloaded{[&](const EnumPlan& plan) { EmitEnumeration(printer, plan); },
                          [&](const StructPlan& plan) { EmitTable(printer, plan.table); },
                          [&](const UnionPlan& plan) { EmitUnion(printer, plan); }},
               type);
    printer.Emit("\n\n");
  }
}

// For logs and tests.
void EmitToString(Printer& printer, const SectionPlan& section) {
  const auto print = [&](const std::string& name, std::string_view type) {
    printer.Emit({{"Name", name}, {"type", type}}, R"(
      inline std::string ToString(const ${Name}& value) {
        return baton::wire::Print(baton::wire::${type}<${Name}, baton_wire_::k${Name}>, &value);
      }
    )");
  };
  for (const auto& type : section.types) {
    std::visit(Overloaded{[&](const EnumPlan& plan) {
                            printer.Emit({{"Name", plan.name}}, R"(
      inline std::string_view ToString(${Name} value) {
        return baton::wire::NameOf(baton_wire_::k${Name}, static_cast<std::int64_t>(value));
      }
    )");
                          },
                          [&](const StructPlan& plan) { print(plan.name, "kStructOf"); },
                          [&](const UnionPlan& plan) { print(plan.name, "kUnionOf"); }},
               type);
  }
  printer.Emit("\n\n");
}

void EmitSection(Printer& printer, const SectionPlan& section) {
  if (!section.types.empty()) {
    EmitNamespace(printer, "baton_wire_", [&] { EmitTypes(printer, section); });
    EmitToString(printer, section);
  }
  for (const ProtocolPlan& protocol : section.protocols) {
    EmitNamespace(printer, protocol.name, [&] { EmitProtocol(printer, protocol); });
  }
}

}  // namespace

bool HasForward(const SectionPlan& section) {
  return std::ranges::any_of(section.types, [](const auto& type) {
    return std::visit(Overloaded{[](const EnumPlan&) { return false; },
                                 [](const auto& plan) { return plan.is_forward; }},
                      type);
  });
}

void EmitTables(Printer& printer, const std::vector<SectionPlan>& sections) {
  const auto tables = [&] {
    for (const SectionPlan& section : sections) {
      if (!HasForward(section)) continue;
      EmitNamespace(printer, section.cpp_namespace, [&] {
        EmitNamespace(printer, "baton_wire_", [&] { EmitForward(printer, section); });
      });
    }
    for (const SectionPlan& section : sections) {
      if (section.types.empty() && section.protocols.empty()) continue;
      EmitNamespace(printer, section.cpp_namespace, [&] { EmitSection(printer, section); });
    }
  };
  if (sections.empty()) return;
  printer.Emit({{"tables", tables}}, R"(
    // How the types above travel. For the runtime; not for reading.
    #pragma GCC diagnostic push
    #pragma GCC diagnostic ignored "-Winvalid-offsetof"

    ${tables}

    #pragma GCC diagnostic pop

  )");
}

}  // namespace batonc
