#include <nlohmann/json.hpp>

#include "compiler/emit/emitters.h"

namespace batonc {
namespace {

using Json = nlohmann::ordered_json;

Json JsonOf(const TypePlan& type) {
  Json json = {{"kind", type.kind}};
  if (!type.name.empty()) json["name"] = type.name;
  if (!type.inner.empty()) json["of"] = JsonOf(type.inner.front());
  return json;
}

Json JsonOf(const std::vector<FieldPlan>& fields) {
  Json list = Json::array();
  for (const FieldPlan& field : fields) {
    list.push_back({{"name", field.name}, {"doc", field.doc}, {"type", JsonOf(field.type)}});
  }
  return list;
}

Json JsonOf(const EnumPlan& plan) {
  Json enumerators = Json::array();
  for (const EnumeratorPlan& enumerator : plan.enumerators) {
    enumerators.push_back(
        {{"name", enumerator.name}, {"value", enumerator.value}, {"doc", enumerator.doc}});
  }
  return {{"name", plan.full_name},
          {"doc", plan.doc},
          {"underlying", plan.underlying},
          {"enumerators", enumerators}};
}

Json JsonOf(const StructPlan& plan) {
  return {{"name", plan.full_name}, {"doc", plan.doc}, {"fields", JsonOf(plan.fields)}};
}

Json JsonOf(const MessagePlan& plan) {
  return {{"name", plan.name},
          {"doc", plan.doc},
          {"to", plan.direction_word},
          {"id", plan.id},
          {"parameters", JsonOf(plan.parameters)},
          {"returns", plan.reply ? JsonOf(plan.reply->fields) : Json(nullptr)}};
}

Json JsonOf(const ProtocolPlan& plan) {
  Json messages = Json::array();
  for (const MessagePlan& message : plan.messages) messages.push_back(JsonOf(message));
  return {{"name", plan.full_name},
          {"doc", plan.doc},
          {"schema_hash", plan.schema_hash},
          {"messages", messages}};
}

Json JsonOf(const SectionPlan& section) {
  Json json = {{"namespace", section.namespace_path},
               {"enums", Json::array()},
               {"structs", Json::array()},
               {"protocols", Json::array()}};
  for (const auto& type : section.types) {
    std::visit(Overloaded{[&](const EnumPlan& plan) { json["enums"].push_back(JsonOf(plan)); },
                          [&](const StructPlan& plan) { json["structs"].push_back(JsonOf(plan)); }},
               type);
  }
  for (const ProtocolPlan& plan : section.protocols) json["protocols"].push_back(JsonOf(plan));
  return json;
}

}  // namespace

std::string EmitJson(const Plan& plan) {
  Json sections = Json::array();
  for (const SectionPlan& section : plan.sections) sections.push_back(JsonOf(section));
  const Json json = {{"format", 1},
                     {"source", plan.source},
                     {"includes", plan.includes},
                     {"namespaces", sections}};
  // A doc may hold bytes that are not UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace batonc
