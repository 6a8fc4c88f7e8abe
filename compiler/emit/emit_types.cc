#include <algorithm>

#include "compiler/emit/emitters.h"

namespace batonc {
namespace {

void EmitCppEnum(Printer& printer, const EnumPlan& plan) {
  EmitEnum(printer, {"enum class", plan.name, plan.cpp_underlying, "};"}, plan.doc,
           plan.enumerators);
  if (!plan.is_flags) return;
  for (const std::string_view sign : {"|", "&"}) {
    printer.Emit({{"E", plan.name}, {"sign", sign}, {"Bits", plan.cpp_underlying}}, R"(
      constexpr ${E} operator${sign}(${E} a, ${E} b) {
        return static_cast<${E}>(static_cast<${Bits}>(a) ${sign} static_cast<${Bits}>(b));
      }
    )");
  }
  printer.Emit({{"E", plan.name}, {"Bits", plan.cpp_underlying}}, R"(
    constexpr ${E} operator~(${E} a) { return static_cast<${E}>(~static_cast<${Bits}>(a)); }

  )");
}

// A struct, or a reply of several values.
void EmitStruct(Printer& printer, std::string_view name, std::string_view doc,
                const std::vector<MemberPlan>& fields, bool comparable) {
  const auto members = [&] {
    for (const MemberPlan& field : fields) {
      printer.Emit({{"doc", field.doc},
                    {"type", field.type},
                    {"name", field.name},
                    {"is", field.initializer.empty() ? "" : " = "},
                    {"initializer", field.initializer}},
                   R"(
        ${doc}
        ${type} ${name}${is}${initializer};
      )");
    }
  };
  const auto equality = [&] {
    if (!comparable) return;
    printer.Emit({{"Name", name}},
                 "friend bool operator==(const ${Name}&, const ${Name}&) = default;");
  };
  printer.Emit({{"doc", doc}, {"Name", name}, {"members", members}, {"equality", equality}}, R"(
    ${doc}
    struct ${Name} {
      ${members}

      ${equality}
    };

  )");
}

void EmitUnionType(Printer& printer, const UnionPlan& plan) {
  const auto tags = [&] {
    for (const AlternativePlan& alternative : plan.alternatives) {
      printer.Emit({{"doc", alternative.doc}, {"tag", alternative.tag}}, R"(
        ${doc}
        ${tag},
      )");
    }
  };
  printer.Emit({{"doc", plan.doc},
                {"Name", plan.name},
                {"types", plan.types},
                {"tags", tags},
                {"constructor", plan.constructor}},
               R"(
    ${doc}
    class ${Name} : public baton::Union<${types}> {
     public:
      enum class Tag : std::uint8_t {
        ${tags}
      };
      using ${constructor};
      Tag tag() const { return static_cast<Tag>(index()); }
    };

  )");
}

void EmitConstant(Printer& printer, const ConstantPlan& plan) {
  printer.Emit({{"doc", plan.doc}, {"type", plan.type}, {"name", plan.name}, {"value", plan.value}},
               R"(
    ${doc}
    inline constexpr ${type} ${name} = ${value};
  )");
}

void EmitAnswer(Printer& printer, const MessagePlan& message) {
  const ReplyPlan& reply = *message.reply;
  if (reply.alias.empty()) {
    const std::string doc = "/// The answer to " + message.name + ".";
    return EmitStruct(printer, reply.name, doc, reply.members, reply.comparable);
  }
  printer.Emit({{"Message", message.name},
                {"value", reply.value},
                {"doc", reply.doc},
                {"Name", reply.name},
                {"type", reply.alias}},
               R"(
    /// The answer to ${Message}: ${value}.
    ${doc}
    using ${Name} = ${type};

  )");
}

void EmitReply(Printer& printer, const MessagePlan& message) {
  if (!message.reply) return;
  EmitAnswer(printer, message);
  if (!message.reply->outcome) return;
  const OutcomePlan& outcome = *message.reply->outcome;
  printer.Emit({{"Message", message.name},
                {"Name", outcome.name},
                {"Answer", message.reply->name},
                {"Error", outcome.error}},
               R"(
    /// The answer to ${Message}, or why there is none.
    using ${Name} = std::variant<${Answer}, ${Error}>;

  )");
}

bool HasReplies(const ProtocolPlan& protocol) {
  for (const MessagePlan& message : protocol.messages) {
    if (message.reply) return true;
  }
  return false;
}

void EmitSectionType(Printer& printer, const SectionPlan& section) {
  for (const auto& type : section.types) {
    std::visit(Overloaded{[&](const EnumPlan& plan) { EmitCppEnum(printer, plan); },
                          [&](const StructPlan& plan) {
                            EmitStruct(printer, plan.name, plan.doc, plan.members, plan.comparable);
                          },
                          [&](const UnionPlan& plan) { EmitUnionType(printer, plan); }},
               type);
  }
  for (const ConstantPlan& constant : section.constants) EmitConstant(printer, constant);
  printer.Emit("\n\n");
  for (const ProtocolPlan& protocol : section.protocols) {
    if (!HasReplies(protocol)) continue;
    EmitNamespace(printer, protocol.name, [&] {
      for (const MessagePlan& message : protocol.messages) EmitReply(printer, message);
    });
  }
}

// Types that are named before they are complete.
void EmitForwardType(Printer& printer, const SectionPlan& section) {
  for (const auto& type : section.types) {
    std::visit(Overloaded{[](const EnumPlan&) {},
                          [&](const StructPlan& plan) {
                            if (plan.is_forward)
                              printer.Emit({{"Name", plan.name}}, "struct ${Name};");
                          },
                          [&](const UnionPlan& plan) {
                            if (plan.is_forward)
                              printer.Emit({{"Name", plan.name}}, "class ${Name};");
                          }},
               type);
  }
}

bool IsEmpty(const SectionPlan& section) {
  return section.types.empty() && section.constants.empty() &&
         std::ranges::none_of(section.protocols, HasReplies);
}

}  // namespace

std::string EmitTypesHeader(const Plan& plan) {
  Printer printer;
  const auto include = [&](const std::vector<std::string>& headers) {
    for (const std::string& header : headers) {
      printer.Emit({{"header", header}}, "#include \"${header}\"");
    }
  };
  const auto headers = [&] {
    include(plan.cpp_headers);
    include(plan.headers);
  };
  const auto sections = [&] {
    EmitForwards(printer, plan.forwards_of_types);
    for (const SectionPlan& section : plan.sections) {
      if (!HasForward(section)) continue;
      EmitNamespace(printer, section.cpp_namespace, [&] { EmitForwardType(printer, section); });
    }
    for (const SectionPlan& section : plan.sections) {
      if (IsEmpty(section)) continue;
      EmitNamespace(printer, section.cpp_namespace, [&] { EmitSectionType(printer, section); });
    }
    EmitTables(printer, plan.sections);
  };
  printer.Emit({{"source", plan.source}, {"headers", headers}, {"sections", sections}}, R"(
    // Generated by batonc from ${source}. Do not edit.
    #pragma once

    #include <baton/generated.h>

    ${headers}

    static_assert(baton::kGeneratedCodeVersion == 4,
                  "${source} was compiled for another version of the Baton runtime: rebuild it");

    ${sections}
  )");
  return printer.Take();
}

}  // namespace batonc
