#include "compiler/lower/lower_fbs.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "compiler/lower/cpp_types.h"
#include "compiler/lower/digest.h"
#include "compiler/lower/fbs_names.h"
#include "compiler/lower/reach.h"
#include "compiler/lower/scalars.h"

namespace batonc {
namespace {

// Collects declarations, each behind what it refers to. Boxes come into being where a field first
// needs one, in the namespace of that field.
class Schema {
 public:
  Schema(const Model& model, const File& file) : model_(model), file_(file) {}

  FbsPlan Build() &&;

 private:
  void ReserveNames(const std::vector<NamedType>& types, const std::vector<ProtocolId>& protocols);
  void AddEnum(const Enum& declaration);
  void AddTable(const std::string& name, const Doc& doc, const std::vector<Field>& fields);
  void AddMessage(const Protocol& protocol, const Message& message);

  std::vector<FbsField> FieldsOf(const std::vector<Field>& fields);
  FbsField FieldOf(const Type& type);
  std::string FieldType(const Type& type);
  std::string ElementType(const Type& type);
  std::string Box(const Type& type);
  std::string BoxName(const Type& type);
  std::string Reference(const std::string& name_space, const std::string& name) const;
  std::string Reference(const DeclarationHead& head) const;

  template <class DeclarationPlan>
  void Append(DeclarationPlan plan);

  struct BoxPlace {
    std::string name_space;
    std::string name;
  };

  const Model& model_;
  const File& file_;
  FbsPlan plan_;
  std::string name_space_;                 // of what is being added
  std::map<std::string, BoxPlace> boxes_;  // by the type in the box, spelled as in an .idl
  std::set<std::string> taken_;            // full names of declarations and boxes
};

FbsPlan Schema::Build() && {
  Reach reach(model_);
  std::vector<ProtocolId> protocols;
  for (const Declaration& declaration : file_.declarations) {
    std::visit(Overloaded{[&](ProtocolId id) { protocols.push_back(id); },
                          [&](auto id) { reach.Add(id); }},
               declaration);
  }
  for (const ProtocolId id : protocols) {
    for (const Message& message : model_.protocol(id).messages) reach.Add(message);
  }
  plan_.has_memory = reach.has_memory();
  ReserveNames(reach.types(), protocols);
  for (const NamedType& type : reach.types()) {
    std::visit(Overloaded{[&](EnumId id) { AddEnum(model_.enumeration(id)); },
                          [&](StructId id) {
                            const Struct& declaration = model_.structure(id);
                            name_space_ = FbsNamespace(declaration.namespace_path);
                            AddTable(FbsName(declaration.name), declaration.doc,
                                     declaration.fields);
                          }},
               type);
  }
  for (const ProtocolId id : protocols) {
    const Protocol& protocol = model_.protocol(id);
    name_space_ = FbsNamespace(protocol.namespace_path);
    for (const Message& message : protocol.messages) AddMessage(protocol, message);
  }
  return std::move(plan_);
}

// So that a box never takes the name of something that is added later.
void Schema::ReserveNames(const std::vector<NamedType>& types,
                          const std::vector<ProtocolId>& protocols) {
  const auto reserve = [&](const DeclarationHead& head, const std::string& name) {
    taken_.insert(FbsNamespace(head.namespace_path) + "." + FbsName(name));
  };
  const auto reserve_type = [&](const DeclarationHead& head) { reserve(head, head.name); };
  for (const NamedType& type : types) {
    std::visit(Overloaded{[&](EnumId id) { reserve_type(model_.enumeration(id)); },
                          [&](StructId id) { reserve_type(model_.structure(id)); }},
               type);
  }
  for (const ProtocolId id : protocols) {
    const Protocol& protocol = model_.protocol(id);
    for (const Message& message : protocol.messages) {
      reserve(protocol, protocol.name + "_" + message.name + "_Parameters");
      reserve(protocol, protocol.name + "_" + message.name + "_Reply");
    }
  }
}

void Schema::AddEnum(const Enum& declaration) {
  name_space_ = FbsNamespace(declaration.namespace_path);
  FbsEnum plan = {FbsName(declaration.name),
                  std::string(NamesOf(declaration.underlying).fbs),
                  declaration.doc,
                  {}};
  for (const Enumerator& enumerator : declaration.enumerators) {
    plan.enumerators.push_back({FbsName(enumerator.name), enumerator.value, {}, enumerator.doc});
  }
  std::ranges::sort(plan.enumerators, {}, &EnumeratorPlan::value);
  Append(std::move(plan));
}

void Schema::AddTable(const std::string& name, const Doc& doc, const std::vector<Field>& fields) {
  Append(FbsTable{name, doc, FieldsOf(fields)});
}

void Schema::AddMessage(const Protocol& protocol, const Message& message) {
  const std::string name = protocol.name + "_" + message.name;
  AddTable(name + "_Parameters", message.doc, message.parameters);
  if (message.returns) AddTable(name + "_Reply", {}, *message.returns);
}

std::vector<FbsField> Schema::FieldsOf(const std::vector<Field>& fields) {
  std::vector<FbsField> plans;
  for (const Field& field : fields) {
    FbsField plan = FieldOf(field.type);
    plan.name = FbsName(field.name);
    plan.doc = field.doc;
    plan.attributes = "id: " + std::to_string(plans.size()) + plan.attributes;
    plans.push_back(std::move(plan));
  }
  std::map<std::string, std::string, std::less<>> types;
  for (const FbsField& plan : plans) types.emplace(plan.name, plan.type);
  for (FbsField& plan : plans) {
    if (ClashesWithNeighbour(plan.name, types)) plan.name += "_";
  }
  return plans;
}

// All of a field but its name, its doc and its id.
FbsField Schema::FieldOf(const Type& type) {
  FbsField plan;
  plan.type = FieldType(type);
  if (const auto* id = std::get_if<EnumId>(&type.kind)) {
    plan.default_value = FbsName(model_.enumeration(*id).enumerators.front().name);
  } else if (const auto* optional = std::get_if<OptionalOf>(&type.kind)) {
    if (IsPlain(*optional->value)) plan.default_value = "null";
  } else if (std::holds_alternative<MemoryKind>(type.kind)) {
    plan.attributes = ", required";
  }
  return plan;
}

std::string Schema::FieldType(const Type& type) {
  return std::visit(
      Overloaded{[](ErrorType) { return std::string("void"); },
                 [](Scalar scalar) { return std::string(NamesOf(scalar).fbs); },
                 [](StringType) { return std::string("string"); },
                 [](BytesType) { return std::string("[ubyte]"); },
                 [](MemoryKind) { return std::string("BatonShmem"); },
                 [&](EnumId id) { return Reference(model_.enumeration(id)); },
                 [&](StructId id) { return Reference(model_.structure(id)); },
                 [&](const ArrayOf& array) { return "[" + ElementType(*array.element) + "]"; },
                 [&](const OptionalOf& optional) {
                   const bool nested = std::holds_alternative<OptionalOf>(optional.value->kind);
                   return nested ? Box(*optional.value) : FieldType(*optional.value);
                 }},
      type.kind);
}

// What FlatBuffers cannot nest goes into a box.
std::string Schema::ElementType(const Type& type) {
  const bool boxed = std::visit(
      Overloaded{[](BytesType) { return true; }, [](const ArrayOf&) { return true; },
                 [](const OptionalOf&) { return true; }, [](const auto&) { return false; }},
      type.kind);
  return boxed ? Box(type) : FieldType(type);
}

std::string Schema::Box(const Type& type) {
  const std::string key = Spelling(model_, type);
  if (!boxes_.contains(key)) {
    FbsField value = FieldOf(type);
    value.name = "value";
    value.attributes = "id: 0" + value.attributes;
    const std::string name = BoxName(type);
    boxes_[key] = {name_space_, name};
    Append(FbsTable{name, {"Holds one `" + key + "`."}, {std::move(value)}});
  }
  const BoxPlace& place = boxes_[key];
  return Reference(place.name_space, place.name);
}

// "Box_uint32_array" for `uint32[]`, with an underscore behind it where somebody else is called so.
std::string Schema::BoxName(const Type& type) {
  const auto word = [&](const auto& self, const Type& part) -> std::string {
    return std::visit(
        Overloaded{
            [&](EnumId id) { return model_.enumeration(id).name; },
            [&](StructId id) { return model_.structure(id).name; },
            [&](const ArrayOf& array) { return self(self, *array.element) + "_array"; },
            [&](const OptionalOf& optional) { return self(self, *optional.value) + "_optional"; },
            [&](const auto&) { return Spelling(model_, part); }},
        part.kind);
  };
  std::string name = "Box_" + word(word, type);
  while (!taken_.insert(name_space_ + "." + name).second) name += "_";
  return name;
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
