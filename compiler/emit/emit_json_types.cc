#include "compiler/emit/emit_json_parts.h"
#include "compiler/lower/cpp_values.h"
#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

void WriteHead(JsonWriter& json, const DeclarationHead& head) {
  json.Key("name").Text(FullName(head));
  WriteDoc(json, head.doc);
}

// Of what is usually not so.
void WriteTypeFlag(JsonWriter& json, std::string_view key, bool value) {
  if (value) json.Key(key).Bool(true);
}

void WriteValue(JsonWriter& json, const Model& model, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return json.Text(*text);
  if (const auto* enumerator = std::get_if<EnumeratorRef>(&value)) {
    return json.Text(
        model.enumeration(enumerator->enumeration).enumerators[enumerator->index].name);
  }
  json.Raw(PlainNumber(value));
}

std::string_view WordFor(MoveOnly move_only) {
  switch (move_only) {
    case MoveOnly::kNo: return "";
    case MoveOnly::kData: return "data";
    case MoveOnly::kSend: return "send";
    case MoveOnly::kBoth: return "both";
  }
  return "";
}

// The members of a type's object.
class TypeWriter {
 public:
  TypeWriter(JsonWriter& json, const Model& model) : json_(json), model_(model) {}

  void operator()(ErrorType) { Kind("error"); }
  void operator()(Scalar scalar) { Kind(NamesOf(scalar).idl); }
  void operator()(StringType) { Kind("string"); }
  void operator()(BytesType) { Kind("bytes"); }
  void operator()(const MemoryType& memory) {
    Kind(NameOf(memory.kind));
    if (memory.element) Of(*memory.element);
  }
  void operator()(SliceType) { Kind("ShmemSlice"); }
  void operator()(FileDescriptorType) { Kind("FileDescriptor"); }
  void operator()(EnumId id) { Named("enum", model_.enumeration(id)); }
  void operator()(StructId id) { Named("struct", model_.structure(id)); }
  void operator()(UnionId id) { Named("union", model_.union_of(id)); }
  void operator()(ExternalType external) {
    Named("external", model_.external(external.id));
    WriteTypeFlag(json_, "nullable", external.is_nullable);
  }
  void operator()(ActorType actor) {
    Named("actor", model_.protocol(actor.protocol));
    WriteTypeFlag(json_, "nullable", actor.is_nullable);
  }
  void operator()(EndpointType endpoint) {
    Named(endpoint.is_managed ? "managed_endpoint" : "endpoint",
          model_.protocol(endpoint.protocol));
    json_.Key("side").Text(endpoint.side == Side::kParent ? "parent" : "child");
  }
  void operator()(const ArrayOf& array) {
    Kind("array");
    Of(*array.element);
  }
  void operator()(const FixedArrayOf& array) {
    Kind("fixed_array");
    json_.Key("count").Number(std::uint64_t{array.count});
    Of(*array.element);
  }
  void operator()(const OptionalOf& optional) {
    Kind("optional");
    Of(*optional.value);
  }
  void operator()(const UniquePtrTo& pointer) {
    Kind("unique_ptr");
    Of(*pointer.value);
  }
  void operator()(const MapOf& map) {
    Kind("map");
    json_.Key("key");
    WriteType(json_, model_, *map.key);
    Of(*map.value);
  }

 private:
  void Kind(std::string_view kind) { json_.Key("kind").Text(kind); }
  void Named(std::string_view kind, const DeclarationHead& head) {
    Kind(kind);
    json_.Key("name").Text(FullName(head));
  }
  void Of(const Type& inner) {
    json_.Key("of");
    WriteType(json_, model_, inner);
  }

  JsonWriter& json_;
  const Model& model_;
};

void WriteField(JsonWriter& json, const Model& model, const Field& field) {
  json.OpenInline('{');
  json.Key("name").Text(field.name);
  WriteDoc(json, field.doc);
  json.Key("type");
  WriteType(json, model, field.type);
  if (field.bounds.min) {
    json.Key("min");
    WriteValue(json, model, *field.bounds.min);
  }
  if (field.bounds.max) {
    json.Key("max");
    WriteValue(json, model, *field.bounds.max);
  }
  if (field.bounds.max_count) json.Key("max_count").Number(*field.bounds.max_count);
  if (field.default_value) {
    json.Key("default");
    WriteValue(json, model, *field.default_value);
  }
  WriteLifetime(json, field.lifetime);
  if (field.no_taint == NoTaint::kPassback) json.Key("no_taint").Text("passback");
  if (field.no_taint == NoTaint::kAllValid) json.Key("no_taint").Text("allvalid");
  json.Close('}');
}

}  // namespace

void WriteDoc(JsonWriter& json, const Doc& doc) {
  if (doc.empty()) return;
  json.Key("doc").Open('[');
  for (const std::string& line : doc) json.Text(line);
  json.Close(']');
}

void WriteLifetime(JsonWriter& json, const Lifetime& lifetime) {
  if (lifetime.since != 1) json.Key("since").Number(std::uint64_t{lifetime.since});
  if (lifetime.removed != 0) json.Key("removed").Number(std::uint64_t{lifetime.removed});
}

void WriteType(JsonWriter& json, const Model& model, const Type& type) {
  json.OpenInline('{');
  std::visit(TypeWriter(json, model), type.kind);
  json.Close('}');
}

void WriteFields(JsonWriter& json, const Model& model, const std::vector<Field>& fields) {
  json.Open('[');
  for (const Field& field : fields) WriteField(json, model, field);
  json.Close(']');
}

void WriteJson(JsonWriter& json, const Enum& declaration) {
  json.Open('{');
  WriteHead(json, declaration);
  json.Key("underlying").Text(NamesOf(declaration.underlying).idl);
  WriteTypeFlag(json, "flags", declaration.is_flags);
  WriteTypeFlag(json, "extensible", declaration.is_extensible);
  json.Key("enumerators").Open('[');
  for (const Enumerator& enumerator : declaration.enumerators) {
    json.OpenInline('{');
    json.Key("name").Text(enumerator.name);
    json.Key("value").Number(enumerator.value);
    WriteDoc(json, enumerator.doc);
    WriteLifetime(json, enumerator.lifetime);
    json.Close('}');
  }
  json.Close(']');
  json.Close('}');
}

void WriteJson(JsonWriter& json, const External& declaration) {
  json.Open('{');
  WriteHead(json, declaration);
  json.Key("cpp_name").Text(declaration.qualified_name);
  json.Key("header").Text(declaration.header);
  if (declaration.keyword == External::Keyword::kClass) json.Key("keyword").Text("class");
  if (declaration.keyword == External::Keyword::kStruct) json.Key("keyword").Text("struct");
  WriteTypeFlag(json, "ref_counted", declaration.is_ref_counted);
  if (declaration.move_only != MoveOnly::kNo) {
    json.Key("move_only").Text(WordFor(declaration.move_only));
  }
  json.Close('}');
}

void WriteJson(JsonWriter& json, const Model& model, const Constant& declaration) {
  json.Open('{');
  WriteHead(json, declaration);
  json.Key("type");
  WriteType(json, model, declaration.type);
  json.Key("value");
  WriteValue(json, model, declaration.value);
  json.Close('}');
}

void WriteJson(JsonWriter& json, const Model& model, const Struct& declaration) {
  json.Open('{');
  WriteHead(json, declaration);
  WriteTypeFlag(json, "resource", declaration.is_resource);
  WriteTypeFlag(json, "comparable", declaration.wants_comparison);
  WriteTypeFlag(json, "sent_once", declaration.traits.is_sent_once);
  json.Key("fields");
  WriteFields(json, model, declaration.fields);
  json.Close('}');
}

void WriteJson(JsonWriter& json, const Model& model, const Union& declaration) {
  json.Open('{');
  WriteHead(json, declaration);
  WriteTypeFlag(json, "resource", declaration.is_resource);
  WriteTypeFlag(json, "comparable", declaration.wants_comparison);
  WriteTypeFlag(json, "sent_once", declaration.traits.is_sent_once);
  json.Key("members").Open('[');
  for (const UnionMember& member : declaration.members) {
    json.OpenInline('{');
    json.Key("name").Text(member.name);
    WriteDoc(json, member.doc);
    json.Key("type");
    WriteType(json, model, member.type);
    WriteTypeFlag(json, "boxed", member.is_boxed);
    json.Close('}');
  }
  json.Close(']');
  json.Close('}');
}

}  // namespace batonc
