#include "compiler/emit/emit.h"
#include "compiler/emit/emit_json_parts.h"

namespace batonc {
namespace {

std::string_view WordFor(Dialect dialect) {
  return dialect == Dialect::kIpdl ? "ipdl" : "baton";
}

std::string SourceOf(const File& file) {
  const std::size_t dot = file.path.rfind('.');
  return file.output + (dot == std::string::npos ? "" : file.path.substr(dot));
}

void WriteTexts(JsonWriter& json, const std::vector<std::string>& texts) {
  json.OpenInline('[');
  for (const std::string& text : texts) json.Text(text);
  json.Close(']');
}

// Declarations of one namespace that follow each other.
struct Section {
  std::vector<std::string> namespace_path;
  std::vector<Declaration> declarations;
};

std::vector<Section> SectionsOf(const Model& model, const File& file) {
  const auto head = [&](const Declaration& declaration) -> const DeclarationHead& {
    return std::visit(
        Overloaded{[&](EnumId id) -> const DeclarationHead& { return model.enumeration(id); },
                   [&](StructId id) -> const DeclarationHead& { return model.structure(id); },
                   [&](UnionId id) -> const DeclarationHead& { return model.union_of(id); },
                   [&](ProtocolId id) -> const DeclarationHead& { return model.protocol(id); },
                   [&](ExternalId id) -> const DeclarationHead& { return model.external(id); },
                   [&](ConstantId id) -> const DeclarationHead& { return model.constant(id); }},
        declaration);
  };
  std::vector<Section> sections;
  for (const Declaration& declaration : file.declarations) {
    const std::vector<std::string>& path = head(declaration).namespace_path;
    if (sections.empty() || sections.back().namespace_path != path) sections.push_back({path, {}});
    sections.back().declarations.push_back(declaration);
  }
  return sections;
}

// All declarations of one kind, as a list called `key`.
template <class Id, class Write>
void WriteList(JsonWriter& json, std::string_view key, const Section& section, const Write& write) {
  json.Key(key).Open('[');
  for (const Declaration& declaration : section.declarations) {
    if (const auto* id = std::get_if<Id>(&declaration)) write(*id);
  }
  json.Close(']');
}

void WriteSection(JsonWriter& json, const Model& model, const Section& section) {
  json.Open('{');
  json.Key("namespace");
  WriteTexts(json, section.namespace_path);
  WriteList<EnumId>(json, "enums", section,
                    [&](EnumId id) { WriteJson(json, model.enumeration(id)); });
  WriteList<ConstantId>(json, "constants", section,
                        [&](ConstantId id) { WriteJson(json, model, model.constant(id)); });
  WriteList<ExternalId>(json, "externals", section,
                        [&](ExternalId id) { WriteJson(json, model.external(id)); });
  WriteList<StructId>(json, "structs", section,
                      [&](StructId id) { WriteJson(json, model, model.structure(id)); });
  WriteList<UnionId>(json, "unions", section,
                     [&](UnionId id) { WriteJson(json, model, model.union_of(id)); });
  WriteList<ProtocolId>(json, "protocols", section,
                        [&](ProtocolId id) { WriteJson(json, model, model.protocol(id)); });
  json.Close('}');
}

}  // namespace

std::string EmitJson(const Model& model, FileId id) {
  const File& file = model.file(id);
  JsonWriter json;
  json.Open('{');
  json.Key("format").Number(std::int64_t{2});
  json.Key("source").Text(SourceOf(file));
  json.Key("dialect").Text(WordFor(file.dialect));
  json.Key("includes").OpenInline('[');
  for (const FileId included : file.includes) {
    if (!model.file(included).is_prelude) json.Text(SourceOf(model.file(included)));
  }
  json.Close(']');
  json.Key("cpp_headers");
  WriteTexts(json, file.cpp_headers);
  json.Key("namespaces").Open('[');
  for (const Section& section : SectionsOf(model, file)) WriteSection(json, model, section);
  json.Close(']');
  json.Close('}');
  return json.Take();
}

}  // namespace batonc
