#include "compiler/emit/emitters.h"

namespace batonc {
namespace {

void EmitEnumeration(Printer& printer, const EnumPlan& plan) {
  printer.Emit({{"Name", plan.name},
                {"values", Join(plan.wire_values, ", ", std::identity())},
                {"full_name", plan.full_name},
                {"underlying", plan.wire_underlying},
                {"default", plan.wire_default}},
               R"(
    inline constexpr std::int64_t k${Name}Values_[] = {${values}};
    inline constexpr baton::wire::Enumeration k${Name} = {"${full_name}", ${underlying}, k${Name}Values_, ${default}};

  )");
}

void EmitTable(Printer& printer, const std::string& table, const std::string& rows_of_it,
               const std::string& wire_name, const std::vector<FieldPlan>& fields) {
  const auto rows = [&] {
    for (const FieldPlan& field : fields) {
      printer.Emit({{"name", field.name},
                    {"offset", field.offset},
                    {"slot", field.slot},
                    {"type", field.wire_type}},
                   R"({"${name}", ${offset}, ${slot}, &${type}},)");
    }
  };
  if (fields.empty()) {
    return printer.Emit({{"table", table}, {"wire_name", wire_name}}, R"(
      inline constexpr baton::wire::Table ${table} = {"${wire_name}", {}};

    )");
  }
  printer.Emit(
      {{"table", table}, {"rows_of_it", rows_of_it}, {"wire_name", wire_name}, {"rows", rows}}, R"(
    inline constexpr baton::wire::Row ${rows_of_it}[] = {
        ${rows}
    };
    inline constexpr baton::wire::Table ${table} = {"${wire_name}", ${rows_of_it}};

  )");
}

void EmitMessage(Printer& printer, const MessagePlan& message) {
  const std::string tables = "k" + message.name;
  EmitTable(printer, tables + "Parameters_", tables + "ParameterRows_", message.parameter_wire_name,
            message.parameters);
  if (message.reply) {
    EmitTable(printer, tables + "Reply_", tables + "ReplyRows_", message.reply->wire_name,
              message.reply->fields);
  }
  printer.Emit({{"constant", message.constant},
                {"tables", tables},
                {"full_name", message.full_name},
                {"id", message.cpp_id},
                {"reply", message.reply ? "&" + tables + "Reply_" : "nullptr"}},
               R"(
    inline constexpr baton::wire::Message ${constant} = {"${full_name}", ${id}, &${tables}Parameters_, ${reply}};

  )");
}

// The messages of one direction. An array of none is not C++, so the span of none stands for it.
void EmitDirection(Printer& printer, const std::string& name,
                   const std::vector<std::string>& messages) {
  if (messages.empty()) return;
  const auto address = [](const std::string& message) { return "&" + message; };
  printer.Emit({{"name", name}, {"messages", Join(messages, ", ", address)}},
               "inline constexpr const baton::wire::Message* ${name}[] = {${messages}};");
}

void EmitProtocol(Printer& printer, const ProtocolPlan& protocol) {
  for (const MessagePlan& message : protocol.messages) EmitMessage(printer, message);
  EmitDirection(printer, "kToParent", protocol.to_parent);
  EmitDirection(printer, "kToChild", protocol.to_child);
  printer.Emit({{"full_name", protocol.full_name},
                {"hash", protocol.schema_hash},
                {"to_parent", protocol.to_parent.empty() ? "{}" : "kToParent"},
                {"to_child", protocol.to_child.empty() ? "{}" : "kToChild"}},
               R"(
    inline constexpr baton::wire::Protocol kProtocol = {"${full_name}", ${hash}ull, 1, ${to_parent}, ${to_child}};
  )");
}

}  // namespace

void EmitTables(Printer& printer, const SectionPlan& section) {
  const auto types = [&] {
    for (const auto& type : section.types) {
      std::visit(Overloaded{[&](const EnumPlan& plan) { EmitEnumeration(printer, plan); },
                            [&](const StructPlan& plan) {
                              EmitTable(printer, "k" + plan.name, "k" + plan.name + "Rows_",
                                        plan.full_name, plan.fields);
                            }},
                 type);
    }
  };
  const auto tables = [&] {
    if (!section.types.empty()) EmitNamespace(printer, "baton_wire_", types);
    for (const ProtocolPlan& protocol : section.protocols) {
      EmitNamespace(printer, protocol.name, [&] { EmitProtocol(printer, protocol); });
    }
  };
  printer.Emit({{"tables", tables}}, R"(
    // How the types above travel. For the runtime; not for reading.
    #pragma GCC diagnostic push
    #pragma GCC diagnostic ignored "-Winvalid-offsetof"

    ${tables}

    #pragma GCC diagnostic pop

  )");
}

}  // namespace batonc
