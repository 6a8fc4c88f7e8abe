// The parts of STEM.json; docs/model-json.md describes them.
#pragma once

#include "compiler/check/model.h"
#include "compiler/emit/json_writer.h"

namespace batonc {

void WriteJson(JsonWriter& json, const Enum& declaration);
void WriteJson(JsonWriter& json, const External& declaration);
void WriteJson(JsonWriter& json, const Model& model, const Constant& declaration);
void WriteJson(JsonWriter& json, const Model& model, const Struct& declaration);
void WriteJson(JsonWriter& json, const Model& model, const Union& declaration);
void WriteJson(JsonWriter& json, const Model& model, const Protocol& declaration);

// What those are made of.
void WriteDoc(JsonWriter& json, const Doc& doc);
void WriteLifetime(JsonWriter& json, const Lifetime& lifetime);
void WriteType(JsonWriter& json, const Model& model, const Type& type);
void WriteFields(JsonWriter& json, const Model& model, const std::vector<Field>& fields);

}  // namespace batonc
