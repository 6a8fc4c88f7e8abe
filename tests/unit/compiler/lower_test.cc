// What Lower decides, on models made by hand. How it looks in print is for tests/golden.
#include "compiler/lower/lower.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/check/message_id.h"
#include "compiler/lower/cpp_types.h"
#include "compiler/lower/digest.h"
#include "compiler/lower/fbs_names.h"
#include "compiler/lower/reach.h"

namespace batonc {
namespace {

template <class Kind>
Type TypeOf(Kind kind) {
  return {kind, {}};
}

Type Array(Type element) {
  return {ArrayOf{std::make_shared<const Type>(std::move(element))}, {}};
}

Type Optional(Type value) {
  return {OptionalOf{std::make_shared<const Type>(std::move(value))}, {}};
}

const Type kNumber = TypeOf(Scalar::kUint32);
const Type kText = TypeOf(StringType{});
const Type kSafe = TypeOf(MemoryKind::kShmem);
const Type kUnsafe = TypeOf(MemoryKind::kUnsafeShmem);

Field FieldOf(std::string name, Type type) {
  return {std::move(name), std::move(type), {}, {}};
}

// A model of one or more files, filled by hand in the order of declaration.
class Models {
 public:
  FileId AddFile(const std::string& output, std::vector<FileId> includes = {}) {
    const FileId id{static_cast<std::uint32_t>(model.files.size())};
    model.files.push_back({id, "/somewhere/" + output + ".idl", output, output, includes, {}});
    return id;
  }

  EnumId AddEnum(FileId file, const std::string& name, Scalar underlying,
                 std::vector<std::int64_t> values) {
    const EnumId id{static_cast<std::uint32_t>(model.enums.size())};
    Enum declaration;
    Fill(declaration, file, name);
    declaration.underlying = underlying;
    for (const std::int64_t value : values) {
      declaration.enumerators.push_back(
          {"kValue" + std::to_string(declaration.enumerators.size()), value, {}, {}});
    }
    model.enums.push_back(std::move(declaration));
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    return id;
  }

  StructId AddStruct(FileId file, const std::string& name, std::vector<Field> fields) {
    const StructId id{static_cast<std::uint32_t>(model.structs.size())};
    Struct declaration;
    Fill(declaration, file, name);
    declaration.carries_memory = std::ranges::any_of(
        fields, [&](const Field& field) { return CarriesMemory(model, field.type); });
    declaration.fields = std::move(fields);
    model.structs.push_back(std::move(declaration));
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    return id;
  }

  Protocol& AddProtocol(FileId file, const std::string& name) {
    const ProtocolId id{static_cast<std::uint32_t>(model.protocols.size())};
    Fill(model.protocols.emplace_back(), file, name);
    model.files[static_cast<std::size_t>(file)].declarations.push_back(id);
    return model.protocols.back();
  }

  static void AddMessage(Protocol& protocol, const std::string& name, Direction direction,
                         std::vector<Field> parameters,
                         std::optional<std::vector<Field>> returns = {}) {
    Message message;
    message.name = name;
    message.direction = direction;
    message.parameters = std::move(parameters);
    message.returns = std::move(returns);
    message.id = MessageId(FullName(protocol) + "::" + name);
    protocol.messages.push_back(std::move(message));
  }

  std::vector<std::string> name_space = {"media"};  // of what is added next
  Model model;

 private:
  void Fill(DeclarationHead& head, FileId file, const std::string& name) {
    head.file = file;
    head.name = name;
    head.namespace_path = name_space;
  }
};

std::vector<std::string> TypeNames(const SectionPlan& section) {
  std::vector<std::string> names;
  for (const auto& type : section.types) {
    names.push_back(std::visit([](const auto& plan) { return plan.name; }, type));
  }
  return names;
}

using Strings = std::vector<std::string>;

TEST_CASE("types are written as C++ writes them") {
  Models models;
  const FileId file = models.AddFile("a");
  const StructId rect = models.AddStruct(file, "Rect", {});
  models.name_space = {"other", "deep"};
  const StructId far = models.AddStruct(file, "Far", {});
  models.name_space = {};
  const StructId global = models.AddStruct(file, "Global", {});
  const CppScope scope = {{"media"}};
  const CppTypes types(models.model, scope);

  CHECK(types.Name(kNumber) == "std::uint32_t");
  CHECK(types.Name(kText) == "std::string");
  CHECK(types.Name(TypeOf(BytesType{})) == "std::vector<std::byte>");
  CHECK(types.Name(kSafe) == "baton::Shmem");
  CHECK(types.Name(kUnsafe) == "baton::UnsafeShmem");
  CHECK(types.Name(TypeOf(rect)) == "Rect");
  CHECK(types.Name(TypeOf(far)) == "::other::deep::Far");
  CHECK(types.Name(TypeOf(global)) == "::Global");
  CHECK(types.Name(Optional(Array(TypeOf(rect)))) == "std::optional<std::vector<Rect>>");
  CHECK(types.WireType(Array(TypeOf(rect))) ==
        "baton::wire::kArrayOf<Rect, baton::wire::kStructOf<Rect, baton_wire_::kRect>>");
  CHECK(types.WireType(TypeOf(far)) ==
        "baton::wire::kStructOf<::other::deep::Far, ::other::deep::baton_wire_::kFar>");
  CHECK(types.WireType(TypeOf(global)) ==
        "baton::wire::kStructOf<::Global, ::baton_wire_::kGlobal>");
  CHECK(types.WireType(Optional(Optional(kNumber))) ==
        "baton::wire::kOptionalOf<std::optional<std::uint32_t>, "
        "baton::wire::kOptionalOf<std::uint32_t, baton::wire::kUint32>>");
}

TEST_CASE("how a value is passed depends on what it is and what it holds") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type color = TypeOf(models.AddEnum(file, "Color", Scalar::kUint8, {0}));
  const Type plain = TypeOf(models.AddStruct(file, "Plain", {FieldOf("n", kNumber)}));
  const Type carrier = TypeOf(models.AddStruct(file, "Carrier", {FieldOf("m", kUnsafe)}));
  const CppScope scope = {{"media"}};
  const CppTypes types(models.model, scope);

  CHECK(types.Sent(kNumber, "x") == "std::uint32_t x");
  CHECK(types.Sent(color, "x") == "Color x");
  CHECK(types.Sent(kText, "x") == "const std::string& x");
  CHECK(types.Sent(plain, "x") == "const Plain& x");
  CHECK(types.Sent(Optional(kNumber), "x") == "const std::optional<std::uint32_t>& x");
  CHECK(types.Sent(kSafe, "x") == "baton::Shmem&& x");
  CHECK(types.Sent(kUnsafe, "x") == "const baton::UnsafeShmem& x");
  CHECK(types.Sent(Optional(kUnsafe), "x") == "std::optional<baton::UnsafeShmem>&& x");
  CHECK(types.Sent(Array(kSafe), "x") == "std::vector<baton::Shmem>&& x");
  CHECK(types.Sent(carrier, "x") == "Carrier&& x");
}

TEST_CASE("every struct stands behind what it is made of") {
  Models models;
  const FileId file = models.AddFile("a");
  // Outer is declared first and uses what is declared last.
  const StructId outer = models.AddStruct(file, "Outer", {});
  const StructId middle = models.AddStruct(file, "Middle", {});
  const StructId inner = models.AddStruct(file, "Inner", {});
  models.model.structs[0].fields = {FieldOf("m", Array(TypeOf(middle)))};
  models.model.structs[1].fields = {FieldOf("i", Optional(TypeOf(inner)))};

  const Plan plan = Lower(models.model, file);
  REQUIRE(plan.sections.size() == 1);
  CHECK(TypeNames(plan.sections[0]) == Strings{"Inner", "Middle", "Outer"});
  CHECK(outer != inner);
}

TEST_CASE("a very long chain of structs does not exhaust the stack") {
  Models models;
  const FileId file = models.AddFile("a");
  constexpr std::uint32_t kLength = 100'000;
  for (std::uint32_t i = 0; i < kLength; ++i) models.AddStruct(file, "S", {});
  for (std::uint32_t i = 0; i + 1 < kLength; ++i) {
    models.model.structs[i].fields = {FieldOf("next", TypeOf(StructId{i + 1}))};
  }
  Reach reach(models.model);
  reach.Add(StructId{0});
  CHECK(reach.types().size() == kLength);
  CHECK(std::get<StructId>(reach.types().front()) == StructId{kLength - 1});
}

TEST_CASE("sections follow the namespaces") {
  Models models;
  const FileId file = models.AddFile("a");
  models.AddEnum(file, "One", Scalar::kUint8, {0});
  models.name_space = {"x", "y"};
  models.AddEnum(file, "Two", Scalar::kUint8, {0});
  models.AddProtocol(file, "PThree");
  models.name_space = {};
  models.AddProtocol(file, "PFour");

  const Plan plan = Lower(models.model, file);
  REQUIRE(plan.sections.size() == 3);
  CHECK(plan.sections[0].cpp_namespace == "media");
  CHECK(plan.sections[1].cpp_namespace == "x::y");
  CHECK(plan.sections[1].protocols.size() == 1);
  CHECK(plan.sections[2].cpp_namespace.empty());
  CHECK(plan.has_protocols);
}

TEST_CASE("enum values ascend on the wire, and the first declared is the default") {
  Models models;
  const FileId file = models.AddFile("a");
  models.AddEnum(file, "Depth", Scalar::kInt64, {7, -9223372036854775807 - 1, 0});
  const Plan plan = Lower(models.model, file);
  const auto& depth = std::get<EnumPlan>(plan.sections.at(0).types.at(0));
  CHECK(depth.cpp_underlying == "std::int64_t");
  CHECK(depth.wire_underlying == "baton::wire::Kind::kInt64");
  CHECK(depth.wire_values == Strings{"-9223372036854775807 - 1", "0", "7"});
  CHECK(depth.wire_default == "7");
}

TEST_CASE("only what holds no memory can be compared") {
  Models models;
  const FileId file = models.AddFile("a");
  models.AddStruct(file, "Plain", {FieldOf("t", kText)});
  models.AddStruct(file, "Carrier", {FieldOf("m", Optional(kSafe))});
  const Plan plan = Lower(models.model, file);
  CHECK(std::get<StructPlan>(plan.sections.at(0).types.at(0)).comparable);
  CHECK_FALSE(std::get<StructPlan>(plan.sections.at(0).types.at(1)).comparable);
}

TEST_CASE("each class sends what the other receives") {
  Models models;
  const FileId file = models.AddFile("a");
  Protocol& protocol = models.AddProtocol(file, "PPipe");
  Models::AddMessage(protocol, "Up", Direction::kToParent, {}, std::vector<Field>{});
  Models::AddMessage(protocol, "Down", Direction::kToChild, {FieldOf("m", kSafe)});
  Models::AddMessage(protocol, "Ping", Direction::kBoth, {}, std::vector{FieldOf("n", kNumber)});

  const Plan plan = Lower(models.model, file);
  const ProtocolPlan& pipe = plan.sections.at(0).protocols.at(0);
  const auto names = [](const std::vector<MessagePlan>& messages) {
    Strings all;
    for (const MessagePlan& message : messages) all.push_back(message.name);
    return all;
  };
  CHECK(pipe.parent.name == "PPipeParent");
  CHECK(names(pipe.parent.sends) == Strings{"Down", "Ping"});
  CHECK(names(pipe.parent.receives) == Strings{"Up", "Ping"});
  CHECK(names(pipe.child.sends) == Strings{"Up", "Ping"});
  CHECK(names(pipe.child.receives) == Strings{"Down", "Ping"});
  CHECK(pipe.child.replies == Strings{"Up", "Ping"});
  CHECK(pipe.child.repliers == Strings{"Ping"});
  CHECK(pipe.to_parent == Strings{"kUp", "kPing"});
  CHECK(pipe.to_child == Strings{"kDown", "kPing"});

  CHECK(pipe.messages[0].reply->alias.empty());  // an empty struct
  CHECK_FALSE(pipe.messages[1].reply);
  CHECK(pipe.messages[2].reply->alias == "std::uint32_t");  // the value itself
  CHECK(pipe.messages[2].reply->fields[0].offset == "0");
  CHECK(pipe.messages[1].parameters[0].received == "baton::Shmem m");
  CHECK(pipe.messages[1].parameters[0].handed_over == "std::move(m)");
}

TEST_CASE("a type whose name a class hides is named in full there") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type actor = TypeOf(models.AddStruct(file, "Actor", {}));
  const Type reply = TypeOf(models.AddStruct(file, "AskReply", {}));
  Protocol& protocol = models.AddProtocol(file, "PAsk");
  Models::AddMessage(protocol, "Ask", Direction::kToParent, {FieldOf("a", actor)},
                     std::vector{FieldOf("r", reply)});
  const Plan plan = Lower(models.model, file);
  const MessagePlan& ask = plan.sections.at(0).protocols.at(0).messages.at(0);
  CHECK(ask.parameters.at(0).sent == "const ::media::Actor& a");
  CHECK(ask.reply->alias == "::media::AskReply");
}

TEST_CASE("no message takes the name of its protocol's own constants") {
  Models models;
  const FileId file = models.AddFile("a");
  Protocol& protocol = models.AddProtocol(file, "PAsk");
  Models::AddMessage(protocol, "Protocol", Direction::kToParent, {});
  Models::AddMessage(protocol, "ToParent", Direction::kToParent, {});
  Models::AddMessage(protocol, "Other", Direction::kToParent, {});
  CHECK(Lower(models.model, file).sections.at(0).protocols.at(0).to_parent ==
        Strings{"kProtocol_", "kToParent_", "kOther"});
}

TEST_CASE("the id of a message is the FNV-1a hash of its full name") {
  // Published test vectors of the hash.
  CHECK(MessageId("") == 0x811c9dc5);
  CHECK(MessageId("a") == 0xe40c292c);
  CHECK(MessageId("foobar") == 0xbf9cf968);
}

// A protocol that reaches an enum through a struct, beside a struct that it does not reach.
struct HashedModel : Models {
  HashedModel() {
    const FileId file = AddFile("a");
    const EnumId color = AddEnum(file, "Color", Scalar::kUint8, {0, 3});
    const StructId dot = AddStruct(file, "Dot", {FieldOf("color", Array(TypeOf(color)))});
    AddStruct(file, "Unused", {});
    Protocol& protocol = AddProtocol(file, "PPaint");
    AddMessage(protocol, "Draw", Direction::kToChild, {FieldOf("dot", Optional(TypeOf(dot)))},
               std::vector{FieldOf("count", kNumber)});
  }
  std::uint64_t Hash() const { return SchemaHash(model, model.protocols[0]); }
};

TEST_CASE("the canonical text holds all that two sides must agree on") {
  const HashedModel hashed;
  CHECK(CanonicalText(hashed.model, hashed.model.protocols[0]) ==
        "enum media::Color : uint8 (kValue0 = 0, kValue1 = 3)\n"
        "struct media::Dot (media::Color[] color)\n"
        "protocol media::PPaint\n"
        "child: async Draw(media::Dot? dot) returns (uint32 count)\n");
}

TEST_CASE("the schema hash changes with whatever changes the wire, and with nothing else") {
  const std::uint64_t hash = HashedModel().Hash();
  HashedModel changed;
  SECTION("not with comments or with what is not reached") {
    changed.model.protocols[0].doc = {"Paints."};
    changed.model.structs[1].fields.push_back(FieldOf("n", kNumber));
    CHECK(changed.Hash() == hash);
    return;
  }
  SECTION("an enumerator's value") {
    changed.model.enums[0].enumerators[1].value = 4;
  }
  SECTION("an enumerator's name") {
    changed.model.enums[0].enumerators[1].name = "kRed";
  }
  SECTION("an enum's width") {
    changed.model.enums[0].underlying = Scalar::kUint16;
  }
  SECTION("a field's type") {
    changed.model.structs[0].fields[0].type = kText;
  }
  SECTION("a field's name") {
    changed.model.structs[0].fields[0].name = "colour";
  }
  SECTION("a field more") {
    changed.model.structs[0].fields.push_back(FieldOf("n", kNumber));
  }
  SECTION("a direction") {
    changed.model.protocols[0].messages[0].direction = Direction::kBoth;
  }
  SECTION("a parameter") {
    changed.model.protocols[0].messages[0].parameters.clear();
  }
  SECTION("no reply any more") {
    changed.model.protocols[0].messages[0].returns.reset();
  }
  SECTION("an empty reply") {
    changed.model.protocols[0].messages[0].returns->clear();
  }
  SECTION("a message's name") {
    changed.model.protocols[0].messages[0].name = "Paint";
  }
  SECTION("the namespace") {
    changed.model.protocols[0].namespace_path = {"art"};
  }
  CHECK(changed.Hash() != hash);
}

TEST_CASE("a header includes what its file includes and uses, but not in a circle") {
  Models models;
  const FileId a = models.AddFile("a");
  const FileId b = models.AddFile("b");
  const FileId c = models.AddFile("c");
  models.model.files[0].includes = {b};
  models.model.files[1].includes = {a, c};
  const StructId far = models.AddStruct(c, "Far", {});
  const StructId near = models.AddStruct(b, "Near", {});
  models.AddStruct(a, "User", {FieldOf("near", TypeOf(near)), FieldOf("far", TypeOf(far))});

  CHECK(Lower(models.model, a).headers == Strings{"b.h", "c.h"});
  CHECK(Lower(models.model, b).headers == Strings{"c.h"});  // a.h includes b.h already
  CHECK(Lower(models.model, b).includes == Strings{"a.idl", "c.idl"});
}

// All tables of a schema as "Name{field:type=default(attributes) ...}".
Strings TablesOf(const FbsPlan& plan) {
  Strings tables;
  for (const FbsSection& section : plan.sections) {
    for (const auto& declaration : section.declarations) {
      const auto* table = std::get_if<FbsTable>(&declaration);
      if (table == nullptr) continue;
      std::string text = section.name_space + "." + table->name + "{";
      for (const FbsField& field : table->fields) {
        text += field.name + ":" + field.type + "=" + field.default_value + "(" + field.attributes +
                ")";
      }
      tables.push_back(text + "}");
    }
  }
  return tables;
}

TEST_CASE("what FlatBuffers cannot nest goes into boxes, each made once") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type color = TypeOf(models.AddEnum(file, "Color", Scalar::kUint8, {5, 2}));
  const auto tables = [&](const Type& type) {
    models.AddStruct(file, "T", {FieldOf("x", type)});
    return TablesOf(Lower(models.model, file).fbs);
  };
  const auto box = [](const std::string& name, const std::string& field) {
    return "media." + name + "{value:" + field + "}";
  };
  const auto lone = [](const std::string& field) { return "media.T{x:" + field + "}"; };

  SECTION("numbers") {
    CHECK(tables(kNumber) == Strings{lone("uint=(id: 0)")});
  }
  SECTION("enums") {
    CHECK(tables(color) == Strings{lone("Color=kValue0(id: 0)")});
  }
  SECTION("an optional enum") {
    CHECK(tables(Optional(color)) == Strings{lone("Color=null(id: 0)")});
  }
  SECTION("memory") {
    CHECK(tables(kSafe) == Strings{lone("BatonShmem=(id: 0, required)")});
  }
  SECTION("optional memory") {
    CHECK(tables(Optional(kSafe)) == Strings{lone("BatonShmem=(id: 0)")});
  }
  SECTION("an optional array needs none") {
    CHECK(tables(Optional(Array(kNumber))) == Strings{lone("[uint]=(id: 0)")});
  }
  SECTION("an array of arrays") {
    CHECK(tables(Array(Array(kNumber))) ==
          Strings{box("Box_uint32_array", "[uint]=(id: 0)"), lone("[Box_uint32_array]=(id: 0)")});
  }
  SECTION("an array of bytes") {
    CHECK(tables(Array(TypeOf(BytesType{}))) ==
          Strings{box("Box_bytes", "[ubyte]=(id: 0)"), lone("[Box_bytes]=(id: 0)")});
  }
  SECTION("an array of optionals") {
    CHECK(tables(Array(Optional(color))) == Strings{box("Box_Color_optional", "Color=null(id: 0)"),
                                                    lone("[Box_Color_optional]=(id: 0)")});
  }
  SECTION("an optional optional") {
    CHECK(tables(Optional(Optional(kText))) == Strings{box("Box_string_optional", "string=(id: 0)"),
                                                       lone("Box_string_optional=(id: 0)")});
  }
  SECTION("twice the same, and a user's type of that name") {
    models.AddStruct(file, "Box_uint32_array", {});
    models.AddStruct(file, "S", {FieldOf("x", Array(Array(kNumber)))});
    CHECK(tables(Array(Array(kNumber))) ==
          Strings{"media.Box_uint32_array{}", box("Box_uint32_array_", "[uint]=(id: 0)"),
                  "media.S{x:[Box_uint32_array_]=(id: 0)}", lone("[Box_uint32_array_]=(id: 0)")});
  }
}

TEST_CASE("names that flatc would refuse get an underscore") {
  CHECK(FbsName("table") == "table_");
  CHECK(FbsName("null") == "null_");
  CHECK(FbsName("tables") == "tables");
  CHECK(FbsNamespace({"a", "uint", "b"}) == "a.uint_.b");
  CHECK(FbsNamespace({}).empty());
  const std::map<std::string, std::string, std::less<>> fields = {
      {"pixels", "[ubyte]"}, {"name", "string"}, {"width", "uint"}};
  CHECK(ClashesWithNeighbour("pixels_length", fields));
  CHECK(ClashesWithNeighbour("nameByteVector", fields));
  CHECK_FALSE(ClashesWithNeighbour("width_length", fields));
  CHECK_FALSE(ClashesWithNeighbour("name_length", fields));
  CHECK_FALSE(ClashesWithNeighbour("pixels_width", fields));
  CHECK_FALSE(ClashesWithNeighbour("pixels", fields));
}

}  // namespace
}  // namespace batonc
