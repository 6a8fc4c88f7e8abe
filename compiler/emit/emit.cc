#include "compiler/emit/emit.h"

#include "compiler/emit/emitters.h"

namespace batonc {

std::vector<OutputFile> Emit(const Plan& plan) {
  return {{plan.output + ".h", EmitTypesHeader(plan)},
          {plan.output + "Parent.h", EmitActorHeader(plan, &ProtocolPlan::parent)},
          {plan.output + "Parent.cc", EmitActorSource(plan, &ProtocolPlan::parent)},
          {plan.output + "Child.h", EmitActorHeader(plan, &ProtocolPlan::child)},
          {plan.output + "Child.cc", EmitActorSource(plan, &ProtocolPlan::child)},
          {plan.output + ".fbs", EmitFbs(plan)},
          {plan.output + ".json", EmitJson(plan)}};
}

std::string_view SideName(ActorPlan ProtocolPlan::*side) {
  return side == &ProtocolPlan::parent ? "Parent" : "Child";
}

std::string DocComment(const Doc& doc) {
  return Join(doc, "\n", [](const std::string& line) {
    // A backslash at the end would take the next line into the comment.
    return "/// " + line + (line.ends_with('\\') ? " //" : "");
  });
}

void EmitEnum(Printer& printer, const EnumText& text, const Doc& doc,
              const std::vector<EnumeratorPlan>& enumerators) {
  const auto each = [&] {
    for (const EnumeratorPlan& enumerator : enumerators) {
      printer.Emit({{"doc", DocComment(enumerator.doc)},
                    {"name", enumerator.name},
                    {"value", text.value(enumerator)}},
                   R"(
        ${doc}
        ${name} = ${value},
      )");
    }
  };
  printer.Emit({{"doc", DocComment(doc)},
                {"keyword", std::string(text.keyword)},
                {"Name", text.name},
                {"underlying", text.underlying},
                {"enumerators", each},
                {"end", std::string(text.end)}},
               R"(
    ${doc}
    ${keyword} ${Name} : ${underlying} {
      ${enumerators}
    ${end}

  )");
}

void EmitNamespace(Printer& printer, const std::string& name, const Printer::Block& body) {
  if (name.empty()) return body();
  printer.Emit({{"name", name}, {"body", body}}, R"(
    namespace ${name} {

    ${body}

    }  // namespace ${name}

  )");
}

}  // namespace batonc
