#include "compiler/lower/lower_fbs.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "compiler/lower/cpp_types.h"
#include "compiler/lower/cpp_values.h"
#include "compiler/lower/digest.h"
#include "compiler/lower/fbs_boxes.h"
#include "compiler/lower/fbs_names.h"
#include "compiler/lower/lower_types.h"
#include "compiler/lower/reach.h"
#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

// What may be absent itself, so that an optional of it needs a box.
bool IsNested(const Type& value) {
  return std::visit(
      Overloaded{[](const OptionalOf&) { return true; }, [](const UniquePtrTo&) { return true; },
                 [](const ExternalType& external) { return external.is_nullable; },
                 [](ActorType actor) { return actor.is_nullable; },
                 [](const auto&) { return false; }},
      value.kind);
}

// An endpoint that travels as an actor's number.
bool IsManaged(const Type& type) {
  const auto* endpoint = std::get_if<EndpointType>(&type.kind);
  return endpoint != nullptr && endpoint->is_managed;
}

// Collects declarations. Boxes and entries come into being where a field first needs one, in the
// namespace of that field.
class Schema {
 public:
  Schema(const Model& model, const File& file) : model_(model), file_(file) {}

  FbsPlan Build() &&;

 private:
  void AddNothing();
  void ReserveNames(const std::vector<Reach::Found>& types,
                    const std::vector<ProtocolId>& protocols);
  void AddEnum(const Enum& declaration);
  void AddUnion(const Union& declaration);
  void AddTable(const std::string& name, const Doc& doc, const std::vector<Field>& fields);
  void AddMessage(const Protocol& protocol, const Message& message);
  void AddOutcome(const std::string& message, const Type& error);

  std::vector<FbsField> FieldsOf(const std::vector<Field>& fields);
  FbsField FieldOf(const Type& type);
  FbsField NumberedField(const std::string& name, const Type& type, int id);
  std::string DefaultOf(const Value& value) const;
  std::string FieldType(const Type& type);
  std::string ElementType(const Type& type);
  std::string WrappedType(const Type& value);
  std::string Box(const Type& type);
  std::string Entry(const MapOf& map);
  std::string Reference(const std::string& name_space, const std::string& name) const;
  std::string Reference(const DeclarationHead& head) const;

  template <class DeclarationPlan>
  void Append(DeclarationPlan plan);

  struct Place {
    std::string name_space;
    std::string name;
  };

  const Model& model_;
  const File& file_;
  FbsPlan plan_;
  std::string name_space_;                        // of what is being added
  std::unordered_map<std::string, Place> boxes_;  // by what is in it, spelled as in an .idl
  FbsNames names_;
};

FbsPlan Schema::Build() && {
  Reach reach(model_);
  std::vector<ProtocolId> protocols;
  for (const Declaration& declaration : file_.declarations) {
    std::visit(Overloaded{[&](ProtocolId id) { protocols.push_back(id); },
                          [&](EnumId id) { reach.Add(id); }, [&](StructId id) { reach.Add(id); },
                          [&](UnionId id) { reach.Add(id); }, [](const auto&) {}},
               declaration);
  }
  for (const ProtocolId id : protocols) {
    for (const Message& message : model_.protocol(id).messages) reach.Add(message);
  }
  plan_.has_memory = reach.has_memory();
  plan_.has_slices = reach.has_slices();
  plan_.has_endpoints = reach.has_endpoints();
  const std::vector<Reach::Found> types = reach.Types();
  ReserveNames(types, protocols);
  for (const Reach::Found& found : types) {
    name_space_ = FbsNamespace(HeadOf(model_, found.type).namespace_path);
    std::visit(Overloaded{[&](EnumId id) { AddEnum(model_.enumeration(id)); },
                          [&](StructId id) {
                            const Struct& declaration = model_.structure(id);
                            AddTable(FbsName(declaration.name), declaration.doc,
                                     declaration.fields);
                          },
                          [&](UnionId id) { AddUnion(model_.union_of(id)); }},
               found.type);
  }
  for (const ProtocolId id : protocols) {
    const Protocol& protocol = model_.protocol(id);
    name_space_ = FbsNamespace(protocol.namespace_path);
    for (const Message& message : protocol.messages) AddMessage(protocol, message);
  }
  if (plan_.sections.empty()) AddNothing();
  return std::move(plan_);
}

// flatc refuses a schema without a declaration.
void Schema::AddNothing() {
  name_space_.clear();
  AddTable("Nothing", {}, {});
}

// So that a box never takes the name of something that is added later.
void Schema::ReserveNames(const std::vector<Reach::Found>& types,
                          const std::vector<ProtocolId>& protocols) {
  for (const Reach::Found& found : types) {
    const DeclarationHead& head = HeadOf(model_, found.type);
    const std::string name_space = FbsNamespace(head.namespace_path);
    names_.Reserve(name_space, FbsName(head.name));
    if (std::holds_alternative<UnionId>(found.type)) {
      names_.Reserve(name_space, head.name + "_Value");
    }
  }
  for (const ProtocolId id : protocols) {
    const Protocol& protocol = model_.protocol(id);
    const std::string name_space = FbsNamespace(protocol.namespace_path);
    for (const Message& message : protocol.messages) {
      names_.Reserve(name_space, protocol.name + "_" + message.name + "_Parameters");
      names_.Reserve(name_space, protocol.name + "_" + message.name + "_Reply");
      for (const std::string_view part : {"_Answer", "_Outcome", "_Outcome_Value"}) {
        if (!message.fails) break;
        names_.Reserve(name_space, protocol.name + "_" + message.name + std::string(part));
      }
    }
  }
}

void Schema::AddEnum(const Enum& declaration) {
  FbsEnum plan = {FbsName(declaration.name),
                  std::string(NamesOf(declaration.underlying).fbs),
                  DocLines(declaration.doc),
                  {}};
  std::vector<const Enumerator*> ascending;
  for (const Enumerator& enumerator : declaration.enumerators) ascending.push_back(&enumerator);
  std::ranges::sort(ascending, {}, &Enumerator::value);
  for (const Enumerator* enumerator : ascending) {
    plan.enumerators.push_back(
        {FbsName(enumerator->name), std::to_string(enumerator->value), DocLines(enumerator->doc)});
  }
  Append(std::move(plan));
}

// The tag is field 0, as flatc has it for a union whose value is field 1.
void Schema::AddUnion(const Union& declaration) {
  FbsUnion alternatives = {declaration.name + "_Value", {}};
  for (const UnionMember& member : declaration.members) {
    const bool is_table = std::holds_alternative<StructId>(member.type.kind) ||
                          std::holds_alternative<UnionId>(member.type.kind);
    const std::string name = FbsName(member.name) + (member.name == "NONE" ? "_" : "");
    alternatives.alternatives.push_back(name + ":" +
                                        (is_table ? FieldType(member.type) : Box(member.type)));
  }
  FbsTable table = {FbsName(declaration.name), DocLines(declaration.doc), {}};
  table.fields.push_back({"value", alternatives.name, "", "id: 1", ""});
  Append(std::move(alternatives));
  Append(std::move(table));
}

void Schema::AddTable(const std::string& name, const Doc& doc, const std::vector<Field>& fields) {
  Append(FbsTable{name, DocLines(doc), FieldsOf(fields)});
}

void Schema::AddMessage(const Protocol& protocol, const Message& message) {
  const std::string name = protocol.name + "_" + message.name;
  AddTable(name + "_Parameters", message.doc, message.parameters);
  if (!message.returns) return;
  AddTable(name + (message.fails ? "_Answer" : "_Reply"), {}, *message.returns);
  if (message.fails) AddOutcome(name, *message.fails);
}

// With `fails` a reply holds a union of the answer and the error.
void Schema::AddOutcome(const std::string& message, const Type& error) {
  const std::string outcome = message + "_Outcome";
  const bool is_table = !std::holds_alternative<EnumId>(error.kind);
  FbsUnion alternatives = {
      outcome + "_Value",
      {"answer:" + message + "_Answer", "error:" + (is_table ? FieldType(error) : Box(error))}};
  Append(std::move(alternatives));
  Append(FbsTable{outcome, "", {{"value", outcome + "_Value", "", "id: 1", ""}}});
  Append(FbsTable{message + "_Reply", "", {{"outcome", outcome, "", "id: 0", ""}}});
}

std::vector<FbsField> Schema::FieldsOf(const std::vector<Field>& fields) {
  std::vector<FbsField> plans;
  plans.reserve(fields.size());
  std::map<std::string, std::string, std::less<>> types;
  for (const Field& field : fields) {
    FbsField plan = NumberedField(FbsName(field.name), field.type, static_cast<int>(plans.size()));
    plan.doc = DocLines(field.doc);
    if (field.default_value && IsPlain(field.type)) {
      plan.default_value = DefaultOf(*field.default_value);
    }
    types.emplace(plan.name, plan.type);
    plans.push_back(std::move(plan));
  }
  for (FbsField& plan : plans) {
    if (ClashesWithNeighbour(plan.name, types)) plan.name += "_";
  }
  return plans;
}

FbsField Schema::NumberedField(const std::string& name, const Type& type, int id) {
  FbsField plan = FieldOf(type);
  plan.name = name;
  plan.attributes = "id: " + std::to_string(id) + plan.attributes;
  return plan;
}

// All of a field but its name, its doc and its id.
FbsField Schema::FieldOf(const Type& type) {
  FbsField plan;
  plan.type = FieldType(type);
  const auto wrapped = [&](const Type& value) {
    const bool is_number = std::holds_alternative<FileDescriptorType>(value.kind) ||
                           std::holds_alternative<ActorType>(value.kind) || IsManaged(value);
    if (IsPlain(value) || (is_number && !IsNested(value))) plan.default_value = "null";
  };
  std::visit(
      Overloaded{
          [&](EnumId id) {
            plan.default_value = FbsName(model_.enumeration(id).enumerators.front().name);
          },
          [&](FileDescriptorType) { plan.default_value = "4294967295"; },
          [&](ActorType actor) { plan.default_value = actor.is_nullable ? "null" : "4294967295"; },
          [&](EndpointType endpoint) {
            if (endpoint.is_managed) plan.default_value = "4294967295";
            if (!endpoint.is_managed) plan.attributes = ", required";
          },
          [&](const MemoryType&) { plan.attributes = ", required"; },
          [&](SliceType) { plan.attributes = ", required"; },
          [&](const OptionalOf& optional) { wrapped(*optional.value); },
          [&](const UniquePtrTo& pointer) { wrapped(*pointer.value); }, [](const auto&) {}},
      type.kind);
  return plan;
}

// Of numbers, bools and enums; flatc knows no others, and all else is always written anyway.
std::string Schema::DefaultOf(const Value& value) const {
  if (const auto* enumerator = std::get_if<EnumeratorRef>(&value)) {
    return FbsName(model_.enumeration(enumerator->enumeration).enumerators[enumerator->index].name);
  }
  return PlainNumber(value);
}

std::string Schema::FieldType(const Type& type) {
  return std::visit(
      Overloaded{[](ErrorType) { return std::string("void"); },
                 [](Scalar scalar) { return std::string(NamesOf(scalar).fbs); },
                 [](StringType) { return std::string("string"); },
                 [](BytesType) { return std::string("[ubyte]"); },
                 [](const MemoryType&) { return std::string("BatonShmem"); },
                 [](SliceType) { return std::string("BatonShmemSlice"); },
                 [](FileDescriptorType) { return std::string("uint"); },
                 [&](EnumId id) { return Reference(model_.enumeration(id)); },
                 [&](StructId id) { return Reference(model_.structure(id)); },
                 [&](UnionId id) { return Reference(model_.union_of(id)); },
                 [](const ExternalType&) { return std::string("[ubyte]"); },
                 [](ActorType) { return std::string("uint"); },
                 [](EndpointType endpoint) {
                   return std::string(endpoint.is_managed ? "uint" : "BatonEndpoint");
                 },
                 [&](const ArrayOf& array) { return "[" + ElementType(*array.element) + "]"; },
                 [&](const FixedArrayOf& array) { return "[" + ElementType(*array.element) + "]"; },
                 [&](const OptionalOf& optional) { return WrappedType(*optional.value); },
                 [&](const UniquePtrTo& pointer) { return WrappedType(*pointer.value); },
                 [&](const MapOf& map) { return "[" + Entry(map) + "]"; }},
      type.kind);
}

// What FlatBuffers cannot nest goes into a box.
std::string Schema::ElementType(const Type& type) {
  return NeedsBoxAsElement(type) ? Box(type) : FieldType(type);
}

// The value of an optional or a pointer; absent is nothing there.
std::string Schema::WrappedType(const Type& value) {
  return IsNested(value) ? Box(value) : FieldType(value);
}

std::string Schema::Box(const Type& type) {
  const std::string key = Spelling(model_, type);
  if (!boxes_.contains(key)) {
    const std::string name = names_.Take(name_space_, "Box_" + FbsWord(model_, type));
    boxes_[key] = {name_space_, name};
    Append(FbsTable{name, "/// Holds one `" + key + "`.", {NumberedField("value", type, 0)}});
  }
  const Place& place = boxes_[key];
  return Reference(place.name_space, place.name);
}

std::string Schema::Entry(const MapOf& map) {
  const std::string key =
      "map<" + Spelling(model_, *map.key) + ", " + Spelling(model_, *map.value) + ">";
  const std::string box_key = "entry of " + key;
  if (!boxes_.contains(box_key)) {
    const std::string name = names_.Take(
        name_space_, "Entry_" + FbsWord(model_, *map.key) + "_to_" + FbsWord(model_, *map.value));
    boxes_[box_key] = {name_space_, name};
    Append(FbsTable{name,
                    "/// An entry of a `" + key + "`; they ascend by key.",
                    {NumberedField("key", *map.key, 0), NumberedField("value", *map.value, 1)}});
  }
  const Place& place = boxes_[box_key];
  return Reference(place.name_space, place.name);
}

std::string Schema::Reference(const std::string& name_space, const std::string& name) const {
  return name_space == name_space_ || name_space.empty() ? name : name_space + "." + name;
}

std::string Schema::Reference(const DeclarationHead& head) const {
  return Reference(FbsNamespace(head.namespace_path), FbsName(head.name));
}

template <class DeclarationPlan>
void Schema::Append(DeclarationPlan plan) {
  if (plan_.sections.empty() || plan_.sections.back().name_space != name_space_) {
    plan_.sections.push_back({name_space_, {}});
  }
  plan_.sections.back().declarations.push_back(std::move(plan));
}

}  // namespace

FbsPlan LowerFbs(const Model& model, const File& file) {
  return Schema(model, file).Build();
}

}  // namespace batonc
