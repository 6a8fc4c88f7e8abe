// Models made by hand, for what comes after the checker.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/check/message_id.h"
#include "compiler/check/model.h"
#include "compiler/lower/lower.h"

namespace batonc {

template <class Kind>
Type TypeOf(Kind kind) {
  return {kind, {}};
}

inline Type Array(Type element) {
  return {ArrayOf{std::make_shared<const Type>(std::move(element))}, {}};
}

inline Type Optional(Type value) {
  return {OptionalOf{std::make_shared<const Type>(std::move(value))}, {}};
}

inline const Type kNumber = TypeOf(Scalar::kUint32);
inline const Type kText = TypeOf(StringType{});
inline const Type kSafe = TypeOf(MemoryType{MemoryKind::kShmem, nullptr});
inline const Type kUnsafe = TypeOf(MemoryType{MemoryKind::kUnsafeShmem, nullptr});

inline std::shared_ptr<const Type> Shared(Type type) {
  return std::make_shared<const Type>(std::move(type));
}

inline Type Fixed(Type element, std::uint32_t count) {
  return {FixedArrayOf{Shared(std::move(element)), count}, {}};
}

inline Type Pointer(Type value) {
  return {UniquePtrTo{Shared(std::move(value))}, {}};
}

inline Type Map(Type key, Type value) {
  return {MapOf{Shared(std::move(key)), Shared(std::move(value))}, {}};
}

inline Field FieldOf(std::string name, Type type) {
  Field field;
  field.name = std::move(name);
  field.type = std::move(type);
  return field;
}

// A model of one or more files, filled by hand in the order of declaration.
class Models {
 public:
  FileId AddFile(const std::string& output, std::vector<FileId> includes = {}) {
    const FileId id{static_cast<std::uint32_t>(model.files.size())};
    File& file = model.files.emplace_back();
    file.id = id;
    file.path = "/somewhere/" + output + ".idl";
    file.output = output;
    file.stem = output;
    file.includes = std::move(includes);
    return id;
  }

  EnumId AddEnum(FileId file, const std::string& name, Scalar underlying,
                 std::vector<std::int64_t> values) {
    const EnumId id{static_cast<std::uint32_t>(model.enums.size())};
    Enum declaration;
    Fill(declaration, file, name);
    declaration.underlying = underlying;
    for (const std::int64_t value : values) {
      Enumerator enumerator;
      enumerator.name = "kValue" + std::to_string(declaration.enumerators.size());
      enumerator.value = value;
      declaration.enumerators.push_back(std::move(enumerator));
    }
    model.enums.push_back(std::move(declaration));
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    return id;
  }

  StructId AddStruct(FileId file, const std::string& name, std::vector<Field> fields) {
    const StructId id{static_cast<std::uint32_t>(model.structs.size())};
    Struct declaration;
    Fill(declaration, file, name);
    for (const Field& field : fields) Add(declaration.traits, TraitsOf(model, field.type));
    declaration.fields = std::move(fields);
    model.structs.push_back(std::move(declaration));
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    return id;
  }

  UnionId AddUnion(FileId file, const std::string& name, std::vector<UnionMember> members) {
    const UnionId id{static_cast<std::uint32_t>(model.unions.size())};
    Union declaration;
    Fill(declaration, file, name);
    for (const UnionMember& member : members) {
      if (!member.is_boxed) Add(declaration.traits, TraitsOf(model, member.type));
    }
    declaration.members = std::move(members);
    model.unions.push_back(std::move(declaration));
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    return id;
  }

  ExternalId AddExternal(FileId file, const std::string& name, const std::string& qualified_name) {
    const ExternalId id{static_cast<std::uint32_t>(model.externals.size())};
    External declaration;
    Fill(declaration, file, name);
    declaration.qualified_name = qualified_name;
    declaration.header = name + ".h";
    model.externals.push_back(std::move(declaration));
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    return id;
  }

  void AddConstant(FileId file, const std::string& name, Type type, Value value) {
    const ConstantId id{static_cast<std::uint32_t>(model.constants.size())};
    Constant declaration;
    Fill(declaration, file, name);
    declaration.type = std::move(type);
    declaration.value = std::move(value);
    model.constants.push_back(std::move(declaration));
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
  }

  Plan PlanOf(FileId file) const { return Lower(model, Headers(model), file); }

  Protocol& AddProtocol(FileId file, const std::string& name) {
    const ProtocolId id{static_cast<std::uint32_t>(model.protocols.size())};
    Fill(model.protocols.emplace_back(), file, name);
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    return model.protocols.back();
  }

  static Message& AddMessage(Protocol& protocol, const std::string& name, Direction direction,
                             std::vector<Field> parameters,
                             std::optional<std::vector<Field>> returns = {}) {
    Message message;
    message.name = name;
    message.direction = direction;
    message.parameters = std::move(parameters);
    message.returns = std::move(returns);
    message.id = MessageId(FullName(protocol) + "::" + name);
    return protocol.messages.emplace_back(std::move(message));
  }

  std::vector<std::string> name_space = {"media"};  // of what is added next
  Model model;

 private:
  static void Add(TypeTraits& traits, const TypeTraits& part) {
    traits.is_sent_once = traits.is_sent_once || part.is_sent_once;
    traits.is_copyable = traits.is_copyable && part.is_copyable;
    traits.is_comparable = traits.is_comparable && part.is_comparable;
  }

  void Fill(DeclarationHead& head, FileId file, const std::string& name) {
    head.file = file;
    head.name = name;
    head.namespace_path = name_space;
  }
};

using Strings = std::vector<std::string>;

}  // namespace batonc
