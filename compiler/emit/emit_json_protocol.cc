#include <fmt/format.h>

#include "compiler/emit/emit_json_parts.h"
#include "compiler/lower/digest.h"

namespace batonc {
namespace {

std::string_view WordFor(Direction direction) {
  switch (direction) {
    case Direction::kToParent: return "parent";
    case Direction::kToChild: return "child";
    case Direction::kBoth: return "both";
  }
  return "";
}

std::string_view WordFor(Nesting nesting) {
  switch (nesting) {
    case Nesting::kNot: return "not";
    case Nesting::kInsideSync: return "inside_sync";
    case Nesting::kInsideCpow: return "inside_cpow";
  }
  return "";
}

std::string_view WordFor(Compress compress) {
  switch (compress) {
    case Compress::kNo: return "no";
    case Compress::kAdjacent: return "adjacent";
    case Compress::kAll: return "all";
  }
  return "";
}

std::string_view WordFor(Priority priority) {
  switch (priority) {
    case Priority::kNormal: return "normal";
    case Priority::kInput: return "input";
    case Priority::kVsync: return "vsync";
    case Priority::kMediumHigh: return "mediumhigh";
    case Priority::kControl: return "control";
  }
  return "";
}

// Of what is usually not so, or not said.
void WriteFlag(JsonWriter& json, std::string_view key, bool value) {
  if (value) json.Key(key).Bool(true);
}

void WriteWord(JsonWriter& json, std::string_view key, std::string_view word) {
  if (!word.empty()) json.Key(key).Text(word);
}

void WriteAttributes(JsonWriter& json, const Message& message) {
  WriteFlag(json, "sync", message.is_sync);
  WriteFlag(json, "destructor", message.is_destructor);
  if (message.nesting != Nesting::kNot) WriteWord(json, "nested", WordFor(message.nesting));
  if (message.compress != Compress::kNo) WriteWord(json, "compress", WordFor(message.compress));
  if (message.priority != Priority::kNormal) {
    WriteWord(json, "priority", WordFor(message.priority));
  }
  if (message.reply_priority) WriteWord(json, "reply_priority", WordFor(*message.reply_priority));
  WriteFlag(json, "lazy_send", message.is_lazy);
  WriteFlag(json, "tainted", message.is_tainted);
  WriteFlag(json, "virtual_send", message.has_virtual_send);
  if (message.deadline_us) json.Key("deadline_us").Number(*message.deadline_us);
  WriteWord(json, "because", message.because);
  WriteLifetime(json, message.lifetime);
}

void WriteMessage(JsonWriter& json, const Model& model, const Message& message) {
  json.Open('{');
  json.Key("name").Text(message.name);
  WriteDoc(json, message.doc);
  json.Key("to").Text(WordFor(message.direction));
  json.Key("id").Number(std::uint64_t{message.id});
  if (message.constructs) {
    json.Key("constructs").Text(FullName(model.protocol(*message.constructs)));
  }
  WriteAttributes(json, message);
  json.Key("parameters");
  WriteFields(json, model, message.parameters);
  json.Key("returns");
  message.returns ? WriteFields(json, model, *message.returns) : json.Null();
  if (message.fails) {
    json.Key("fails");
    WriteType(json, model, *message.fails);
  }
  json.Close('}');
}

void WriteNames(JsonWriter& json, const Model& model, std::string_view key,
                const std::vector<ProtocolId>& protocols) {
  json.Key(key).OpenInline('[');
  for (const ProtocolId id : protocols) json.Text(FullName(model.protocol(id)));
  json.Close(']');
}

// What crosses the boundary into one side.
void WriteReceived(JsonWriter& json, std::string_view key, const Protocol& protocol,
                   Direction other) {
  json.Key(key).OpenInline('[');
  for (const Message& message : protocol.messages) {
    if (message.direction != other) json.Text(message.name);
  }
  json.Close(']');
}

std::string HashText(std::uint64_t hash) {
  return fmt::format("{:#018x}", hash);
}

void WriteVersions(JsonWriter& json, const Model& model, const Protocol& protocol) {
  json.Key("version").Number(std::uint64_t{protocol.version});
  json.Key("schema_hash").Text(HashText(SchemaHash(model, protocol, protocol.version)));
  if (protocol.version == 1) return;
  json.Key("older_hashes").Open('[');
  for (std::uint32_t version = 1; version < protocol.version; ++version) {
    json.Text(HashText(SchemaHash(model, protocol, version)));
  }
  json.Close(']');
}

}  // namespace

void WriteJson(JsonWriter& json, const Model& model, const Protocol& protocol) {
  json.Open('{');
  json.Key("name").Text(FullName(protocol));
  WriteDoc(json, protocol.doc);
  WriteVersions(json, model, protocol);
  WriteFlag(json, "sync", protocol.is_sync);
  WriteNames(json, model, "managers", protocol.managers);
  WriteNames(json, model, "manages", protocol.manages);
  if (protocol.nested_up_to != Nesting::kNot) {
    WriteWord(json, "nested_up_to", WordFor(protocol.nested_up_to));
  }
  WriteWord(json, "parent_process", protocol.parent_process);
  WriteWord(json, "child_process", protocol.child_process);
  WriteWord(json, "parent_class", protocol.parent_class);
  WriteWord(json, "child_class", protocol.child_class);
  WriteFlag(json, "needs_other_pid", protocol.needs_other_pid);
  WriteFlag(json, "manual_dealloc", protocol.is_manually_deallocated);
  if (protocol.trusts) {
    WriteWord(json, "trusts", *protocol.trusts == Side::kParent ? "parent" : "child");
  }
  json.Key("receives").Open('{');
  WriteReceived(json, "parent", protocol, Direction::kToChild);
  WriteReceived(json, "child", protocol, Direction::kToParent);
  json.Close('}');
  json.Key("messages").Open('[');
  for (const Message& message : protocol.messages) WriteMessage(json, model, message);
  json.Close(']');
  json.Close('}');
}

}  // namespace batonc
