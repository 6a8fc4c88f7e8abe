#include "compiler/diag/render_json.h"

#include <nlohmann/json.hpp>

namespace batonc {
namespace {

using Json = nlohmann::ordered_json;

Json Position(const SourceFile& file, std::uint32_t offset) {
  const Place place = file.PlaceOf(offset);
  return {{"line", place.line}, {"column", place.column}, {"offset", offset}};
}

// "file", "line", "column", "offset", "end"; nothing for what concerns the run as a whole.
void AddPlace(Json& json, const FileLookup& files, Span span) {
  if (span == kNoPlace) return;
  const SourceFile& file = files(span.file);
  json["file"] = file.path();
  json.update(Position(file, span.begin));
  json["end"] = Position(file, span.end);
}

Json JsonOf(const FileLookup& files, const Diagnostic& diagnostic) {
  Json json = {{"severity", WordOf(diagnostic.severity)}, {"code", CodeOf(diagnostic)}};
  AddPlace(json, files, diagnostic.span);
  json["text"] = diagnostic.text;
  json["notes"] = Json::array();
  for (const Note& note : diagnostic.notes) {
    Json one = Json::object();
    AddPlace(one, files, note.span);
    one["text"] = note.text;
    json["notes"].push_back(std::move(one));
  }
  json["fixes"] = Json::array();
  for (const Fix& fix : diagnostic.fixes) {
    Json one = Json::object();
    AddPlace(one, files, fix.span);
    one["replacement"] = fix.text;
    json["fixes"].push_back(std::move(one));
  }
  return json;
}

}  // namespace

std::string RenderJsonLines(const FileLookup& files, const std::vector<Diagnostic>& sorted) {
  std::string lines;
  for (const Diagnostic& diagnostic : sorted) {
    // Names of files and pieces of them may be no UTF-8.
    lines += JsonOf(files, diagnostic).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return lines;
}

}  // namespace batonc
