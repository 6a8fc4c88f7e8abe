#include "compiler/emit/emit.h"

#include "compiler/emit/emitters.h"

namespace batonc {

std::vector<OutputFile> Emit(const Model& model, FileId file, const Plan& plan) {
  std::vector<OutputFile> files;
  files.reserve(7);
  files.push_back({plan.output + ".h", EmitTypesHeader(plan)});
  files.push_back({plan.output + "Parent.h", EmitActorHeader(plan, kParentSide)});
  files.push_back({plan.output + "Parent.cc", EmitActorSource(plan, kParentSide)});
  files.push_back({plan.output + "Child.h", EmitActorHeader(plan, kChildSide)});
  files.push_back({plan.output + "Child.cc", EmitActorSource(plan, kChildSide)});
  files.push_back({plan.output + ".fbs", EmitFbs(plan)});
  files.push_back({plan.output + ".json", EmitJson(model, file)});
  return files;
}

void EmitEnum(Printer& printer, const EnumText& text, std::string_view doc,
              const std::vector<EnumeratorPlan>& enumerators) {
  const auto each = [&] {
    for (const EnumeratorPlan& enumerator : enumerators) {
      printer.Emit(
          {{"doc", enumerator.doc}, {"name", enumerator.name}, {"value", enumerator.value}}, R"(
        ${doc}
        ${name} = ${value},
      )");
    }
  };
  printer.Emit({{"doc", doc},
                {"keyword", text.keyword},
                {"Name", text.name},
                {"underlying", text.underlying},
                {"enumerators", each},
                {"end", text.end}},
               R"(
    ${doc}
    ${keyword} ${Name} : ${underlying} {
      ${enumerators}
    ${end}

  )");
}

void EmitNamespace(Printer& printer, std::string_view name, Printer::Block body) {
  if (name.empty()) return body();
  printer.Emit({{"name", name}, {"body", body}}, R"(
    namespace ${name} {

    ${body}

    }  // namespace ${name}

  )");
}

void EmitForwards(Printer& printer, const std::vector<ForwardPlan>& forwards) {
  for (const ForwardPlan& forward : forwards) {
    EmitNamespace(printer, forward.cpp_namespace, [&] {
      for (const std::string& name : forward.classes) {
        printer.Emit({{"name", name}}, "class ${name};");
      }
    });
    printer.Emit("\n\n");
  }
}

}  // namespace batonc
