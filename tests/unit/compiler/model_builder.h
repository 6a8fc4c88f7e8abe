// Models made by hand, for tests of what comes after checking.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/check/model.h"
#include "tests/unit/compiler/models.h"

namespace batonc {

inline Type Of(decltype(Type::kind) kind) {
  return {std::move(kind), {}};
}
inline Type ArrayType(Type element) {
  return Of(ArrayOf{std::make_shared<const Type>(std::move(element))});
}
inline Type OptionalType(Type value) {
  return Of(OptionalOf{std::make_shared<const Type>(std::move(value))});
}
inline Type UniquePtrType(Type value) {
  return Of(UniquePtrTo{std::make_shared<const Type>(std::move(value))});
}
inline Type MapType(Type key, Type value) {
  return Of(MapOf{std::make_shared<const Type>(std::move(key)),
                  std::make_shared<const Type>(std::move(value))});
}

inline Field Since(std::uint32_t version, Field field) {
  field.lifetime.since = version;
  return field;
}

inline Message MessageOf(std::string name, std::vector<Field> parameters) {
  Message message;
  message.name = std::move(name);
  message.parameters = std::move(parameters);
  return message;
}

inline Enumerator EnumeratorOf(std::string name, std::int64_t value) {
  Enumerator one;
  one.name = std::move(name);
  one.value = value;
  return one;
}

// One file, media/camera.idl, with what is added to it, in the namespace `media`.
class ModelBuilder {
 public:
  ModelBuilder() { AddFile("media/camera.idl", "media/camera"); }

  FileId AddFile(std::string path, std::string output) {
    File file;
    file.id = FileId{static_cast<std::uint32_t>(model_.files.size())};
    file.path = std::move(path);
    file.stem = output.substr(output.rfind('/') + 1);
    file.output = std::move(output);
    model_.files.push_back(std::move(file));
    return model_.files.back().id;
  }

  EnumId AddEnum(std::string name, std::vector<Enumerator> enumerators) {
    Enum declaration;
    declaration.enumerators = std::move(enumerators);
    return Add<EnumId>(model_.enums, std::move(declaration), std::move(name));
  }
  StructId AddStruct(std::string name, std::vector<Field> fields) {
    Struct declaration;
    declaration.fields = std::move(fields);
    return Add<StructId>(model_.structs, std::move(declaration), std::move(name));
  }
  UnionId AddUnion(std::string name, std::vector<std::pair<std::string, Type>> members) {
    Union declaration;
    for (auto& [member, type] : members) {
      declaration.members.push_back({std::move(member), std::move(type), {}, false});
    }
    return Add<UnionId>(model_.unions, std::move(declaration), std::move(name));
  }
  ProtocolId AddProtocol(std::string name, std::vector<Message> messages) {
    Protocol declaration;
    declaration.messages = std::move(messages);
    return Add<ProtocolId>(model_.protocols, std::move(declaration), std::move(name));
  }
  void Manage(ProtocolId manager, ProtocolId managee) {
    model_.protocols[static_cast<std::size_t>(manager)].manages.push_back(managee);
    model_.protocols[static_cast<std::size_t>(managee)].managers.push_back(manager);
  }

  Model& model() { return model_; }

 private:
  template <class Id, class Declared>
  Id Add(std::vector<Declared>& all, Declared declaration, std::string name) {
    const Id id{static_cast<std::uint32_t>(all.size())};
    File& file = model_.files.back();
    declaration.file = file.id;
    declaration.namespace_path = {"media"};
    declaration.name = std::move(name);
    declaration.name_span = {file.id, next_, next_ + 1};
    next_ += 10;
    all.push_back(std::move(declaration));
    file.declarations.emplace_back(id);
    return id;
  }

  Model model_;
  std::uint32_t next_ = 0;
};

}  // namespace batonc
