// What Lower decides, on models made by hand. How it looks in print is for tests/golden.
#include "compiler/lower/lower.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "compiler/lower/cpp_types.h"
#include "compiler/lower/cpp_values.h"
#include "compiler/lower/reach.h"
#include "tests/unit/compiler/models.h"

namespace batonc {
namespace {

std::vector<std::string> TypeNames(const SectionPlan& section) {
  std::vector<std::string> names;
  for (const auto& type : section.types) {
    names.push_back(std::visit([](const auto& plan) { return plan.name; }, type));
  }
  return names;
}

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

TEST_CASE("so are maps, pointers, fixed arrays, unions and handles") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type shape = TypeOf(models.AddUnion(file, "Shape", {{"uint32", kNumber, {}, false}}));
  const CppScope scope = {{"media"}};
  const CppTypes types(models.model, scope);
  const Type typed = TypeOf(MemoryType{MemoryKind::kShmem, Shared(TypeOf(Scalar::kFloat))});

  CHECK(types.Name(Map(kText, kNumber)) == "std::map<std::string, std::uint32_t>");
  CHECK(types.WireType(Map(kText, kNumber)) ==
        "baton::wire::kMapOf<std::string, std::uint32_t, baton::wire::kString, "
        "baton::wire::kUint32>");
  CHECK(types.Name(Fixed(kNumber, 16)) == "std::array<std::uint32_t, 16>");
  CHECK(types.WireType(Fixed(kNumber, 16)) ==
        "baton::wire::kFixedArrayOf<std::uint32_t, 16, baton::wire::kUint32>");
  CHECK(types.Name(Pointer(kText)) == "std::unique_ptr<std::string>");
  CHECK(types.WireType(Pointer(kText)) ==
        "baton::wire::kUniquePtrOf<std::string, baton::wire::kString>");
  CHECK(types.WireType(shape) == "baton::wire::kUnionOf<Shape, baton_wire_::kShape>");
  CHECK(types.Name(typed) == "baton::TypedShmem<float>");
  CHECK(types.WireType(typed) == "baton::wire::kTypedShmemOf<float>");
  CHECK(types.WireType(TypeOf(FileDescriptorType{})) == "baton::wire::kFileDescriptor");
  CHECK(types.Name(TypeOf(SliceType{})) == "baton::ShmemSlice");
  CHECK(types.WireType(TypeOf(SliceType{})) == "baton::wire::kShmemSlice");
}

TEST_CASE("C++ types are named from the root, and counted ones are shared") {
  Models models;
  const FileId file = models.AddFile("a");
  const ExternalId url = models.AddExternal(file, "Url", "net::Url");
  const ExternalId number = models.AddExternal(file, "Number", "unsigned long");
  const ExternalId counted = models.AddExternal(file, "Pool", "::Pool");
  models.model.externals[2].is_ref_counted = true;
  const CppScope scope = {{"media"}};
  const CppTypes types(models.model, scope);
  CHECK(types.Name(TypeOf(ExternalType{url, false})) == "::net::Url");
  CHECK(types.Name(TypeOf(ExternalType{number, false})) == "unsigned long");
  CHECK(types.Name(TypeOf(ExternalType{counted, true})) == "std::shared_ptr<::Pool>");
  CHECK(types.WireType(TypeOf(ExternalType{url, false})) == "baton::wire::kCustomOf<::net::Url>");
  CHECK(types.WireType(TypeOf(ExternalType{counted, true})) ==
        "baton::wire::kNullableOf<std::shared_ptr<::Pool>, "
        "baton::wire::kCustomOf<std::shared_ptr<::Pool>>>");
}

TEST_CASE("what is consumed is what can be sent once") {
  Models models;
  const FileId file = models.AddFile("a");
  const ExternalId token = models.AddExternal(file, "Token", "Token");
  const Type external = TypeOf(ExternalType{token, false});
  const CppScope scope = {{"media"}};
  const CppTypes types(models.model, scope);
  const auto sent_as = [&](MoveOnly move_only) {
    models.model.externals[0].move_only = move_only;
    return types.Sent(external, "x");
  };
  CHECK(sent_as(MoveOnly::kNo) == "const ::Token& x");
  CHECK(sent_as(MoveOnly::kData) == "const ::Token& x");
  CHECK(sent_as(MoveOnly::kSend) == "::Token&& x");
  CHECK(sent_as(MoveOnly::kBoth) == "::Token&& x");
}

TEST_CASE("values are written as C++ takes them") {
  CHECK(CppLiteral(Integer{true, 5}, Scalar::kInt8) == "-5");
  CHECK(CppLiteral(Integer{true, 1ull << 63}, Scalar::kInt64) == "-9223372036854775807 - 1");
  CHECK(CppLiteral(Integer{false, ~0ull}, Scalar::kUint64) == "18446744073709551615u");
  CHECK(CppLiteral(Integer{false, 1}, Scalar::kFloat) == "1.0f");
  CHECK(CppLiteral(0.1, Scalar::kFloat) == "0.1f");
  CHECK(CppLiteral(1e300, Scalar::kDouble) == "1e+300");
  CHECK(CppLiteral(true, Scalar::kBool) == "true");
  CHECK(CppLiteral(std::string("a\"b\\c\td"), std::nullopt) == R"("a\"b\\c\011d")");
  CHECK(CppLiteral(std::string("\u00fc"), std::nullopt) == "\"\u00fc\"");
}

TEST_CASE("bounds are kept as the numbers that they limit") {
  Bounds bounds;
  CHECK(WireBounds(kNumber, bounds).empty());
  bounds.max = Integer{false, 64};
  CHECK(WireBounds(kText, bounds) == "{.has_max = true, .max = {.unsigned_value = 64}}");
  CHECK(WireBounds(Array(Optional(TypeOf(Scalar::kInt8))), bounds) ==
        "{.has_max = true, .max = {.signed_value = 64}}");
  CHECK(WireBounds(Map(kText, TypeOf(Scalar::kFloat)), bounds) ==
        "{.has_max = true, .max = {.real_value = 64.0}}");
  bounds = {Integer{true, 3}, {}, 7};
  CHECK(WireBounds(Array(TypeOf(Scalar::kInt32)), bounds) ==
        "{.has_min = true, .min = {.signed_value = -3}, .max_count = 7}");
}

TEST_CASE("defaults are widened for the tables") {
  const Model model;
  CHECK(WireDefault(model, kNumber, Integer{false, 3}) == "{.bits = 3}");
  CHECK(WireDefault(model, TypeOf(Scalar::kUint64), Integer{false, ~0ull}) == "{.bits = -1}");
  CHECK(WireDefault(model, TypeOf(Scalar::kBool), true) == "{.bits = 1}");
  CHECK(WireDefault(model, TypeOf(Scalar::kDouble), 0.5) == "{.real = 0.5}");
  CHECK(WireDefault(model, kText, std::string("x")) == "{.text = \"x\"}");
}

TEST_CASE("how a value is passed depends on what it is and what it holds") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type color = TypeOf(models.AddEnum(file, "Color", Scalar::kUint8, {0}));
  const Type plain = TypeOf(models.AddStruct(file, "Plain", {FieldOf("n", kNumber)}));
  const Type carrier = TypeOf(models.AddStruct(file, "Carrier", {FieldOf("m", kSafe)}));
  const CppScope scope = {{"media"}};
  const CppTypes types(models.model, scope);

  CHECK(types.Sent(kNumber, "x") == "std::uint32_t x");
  CHECK(types.Sent(color, "x") == "Color x");
  CHECK(types.Sent(kText, "x") == "const std::string& x");
  CHECK(types.Sent(plain, "x") == "const Plain& x");
  CHECK(types.Sent(Optional(kNumber), "x") == "const std::optional<std::uint32_t>& x");
  CHECK(types.Sent(kSafe, "x") == "baton::Shmem&& x");
  CHECK(types.Sent(TypeOf(SliceType{}), "x") == "baton::ShmemSlice&& x");
  CHECK(types.Sent(kUnsafe, "x") == "const baton::UnsafeShmem& x");
  CHECK(types.Sent(Optional(kUnsafe), "x") == "const std::optional<baton::UnsafeShmem>& x");
  CHECK(types.Sent(TypeOf(FileDescriptorType{}), "x") == "const baton::FileDescriptor& x");
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

  const Plan plan = models.PlanOf(file);
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
  const std::vector<Reach::Found> types = reach.Types();
  CHECK(types.size() == kLength);
  CHECK(std::get<StructId>(types.front().type) == StructId{kLength - 1});
}

TEST_CASE("types that need each other are told apart from those that do not") {
  Models models;
  const FileId file = models.AddFile("a");
  const StructId plain = models.AddStruct(file, "Plain", {});
  const StructId list = models.AddStruct(file, "List", {});
  models.model.structs[1].fields = {FieldOf("rest", Array(TypeOf(list)))};
  // Leaf holds Tree; Tree has Leafs in an array only, so Tree comes first.
  const StructId leaf = models.AddStruct(file, "Leaf", {});
  const UnionId tree = models.AddUnion(
      file, "Tree",
      {{"Plain", TypeOf(plain), {}, false}, {"ArrayOfLeaf", Array(TypeOf(leaf)), {}, false}});
  models.model.structs[2].fields = {FieldOf("tree", TypeOf(tree)), FieldOf("names", Array(kText)),
                                    FieldOf("n", kNumber)};

  const SectionPlan section = models.PlanOf(file).sections.at(0);
  CHECK(TypeNames(section) == Strings{"Plain", "List", "Tree", "Leaf"});
  const auto& list_plan = std::get<StructPlan>(section.types[1]);
  const auto& leaf_plan = std::get<StructPlan>(section.types[3]);
  CHECK_FALSE(std::get<StructPlan>(section.types[0]).is_forward);
  CHECK(list_plan.is_forward);
  CHECK(list_plan.members[0].initializer == "{}");
  CHECK(std::get<UnionPlan>(section.types[2]).is_forward);
  CHECK(leaf_plan.is_forward);
  CHECK(leaf_plan.members[0].initializer.empty());  // elements may not be complete there
  CHECK(leaf_plan.members[2].initializer == "0");
}

TEST_CASE("the alternatives of a union have a tag and a table each") {
  Models models;
  const FileId file = models.AddFile("a");
  const StructId upper = models.AddStruct(file, "Uint32", {});
  models.AddUnion(file, "Any",
                  {{"uint32", kNumber, {}, false},
                   {"Uint32", TypeOf(upper), {}, false},
                   {"ArrayOfstring", Array(kText), {}, true}});
  const Plan plan = models.PlanOf(file);
  const auto& any = std::get<UnionPlan>(plan.sections.at(0).types.at(1));
  CHECK(any.types == "std::uint32_t, Uint32, baton::Boxed<std::vector<std::string>>");
  CHECK(any.alternatives[0].tag == "kUint32");
  CHECK(any.alternatives[1].tag == "kUint32_");
  CHECK(any.alternatives[2].tag == "kArrayOfstring");
  CHECK(any.alternatives[0].wire_type == "baton::wire::kUint32");
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

  const Plan plan = models.PlanOf(file);
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
  const Plan plan = models.PlanOf(file);
  const auto& depth = std::get<EnumPlan>(plan.sections.at(0).types.at(0));
  CHECK(depth.cpp_underlying == "std::int64_t");
  CHECK(depth.wire_underlying == "baton::wire::Kind::kInt64");
  CHECK(depth.wire_values == "-9223372036854775807 - 1, 0, 7");
  CHECK(depth.wire_names == R"("kValue1", "kValue2", "kValue0")");
  CHECK(depth.wire_default == "7");
}

TEST_CASE("only what holds no memory can be compared") {
  Models models;
  const FileId file = models.AddFile("a");
  models.AddStruct(file, "Plain", {FieldOf("t", kText)});
  models.AddStruct(file, "Carrier", {FieldOf("m", Optional(kSafe))});
  const Plan plan = models.PlanOf(file);
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

  const Plan plan = models.PlanOf(file);
  const ProtocolPlan& pipe = plan.sections.at(0).protocols.at(0);
  const auto sent_by = [&](const SidePlan& side) {
    Strings all;
    for (const MessagePlan& message : pipe.messages) {
      if ((message.*side.message).sends) all.push_back(message.constant);
    }
    return all;
  };
  const auto received_by = [&](const SidePlan& side) {
    Strings all;
    for (const MessagePlan& message : pipe.messages) {
      if ((message.*side.message).receives) all.push_back(message.constant);
    }
    return all;
  };
  CHECK(sent_by(kParentSide) == Strings{"kDown", "kPing"});
  CHECK(received_by(kParentSide) == Strings{"kUp", "kPing"});
  CHECK(sent_by(kChildSide) == Strings{"kUp", "kPing"});
  CHECK(received_by(kChildSide) == Strings{"kDown", "kPing"});

  CHECK(pipe.messages[0].reply->alias.empty());  // an empty struct
  CHECK_FALSE(pipe.messages[1].reply);
  CHECK(pipe.messages[2].reply->alias == "std::uint32_t");  // the value itself
  CHECK(pipe.messages[2].reply->table.rows[0].offset == "0");
  CHECK(pipe.messages[1].child.received == "baton::Shmem m");
  CHECK(pipe.messages[1].parent.addresses == "{&m}");
  CHECK(pipe.messages[0].child.addresses == "{}");
}

TEST_CASE("what makes and ends actors, what waits, and values that name other classes") {
  Models models;
  const FileId file = models.AddFile("a");
  models.AddProtocol(file, "PLeaf");
  Protocol& protocol = models.AddProtocol(file, "PTree");
  const ProtocolId leaf{0};
  const Type actor = TypeOf(ActorType{leaf, false});
  Models::AddMessage(protocol, "PLeaf", Direction::kToChild, {FieldOf("n", kNumber)}).constructs =
      leaf;
  Models::AddMessage(protocol, "__delete__", Direction::kToChild, {}).is_destructor = true;
  Models::AddMessage(protocol, "Ask", Direction::kToParent, {}, std::vector{FieldOf("n", kNumber)})
      .is_sync = true;
  Models::AddMessage(protocol, "Show", Direction::kToChild, {FieldOf("a", Array(actor))});
  Models::AddMessage(protocol, "Join", Direction::kToChild,
                     {FieldOf("e", TypeOf(EndpointType{leaf, Side::kChild, false}))});

  const Plan plan = models.PlanOf(file);
  const std::vector<MessagePlan>& messages = plan.sections.at(0).protocols.at(1).messages;
  CHECK(messages.at(0).name == "PLeafConstructor");
  CHECK(messages[0].role == MessageRole::kConstructor);
  CHECK(messages[0].parent.is_sent_from_source);
  CHECK(messages[0].parent.managed == "PLeafParent");
  CHECK(messages[0].parent.addresses == "{&n}");
  CHECK(messages[0].child.managed == "PLeafChild");
  CHECK(messages[0].child.looked_at == "std::uint32_t n");
  CHECK(messages[0].child.received_types == "std::uint32_t");
  CHECK(messages.at(1).role == MessageRole::kDestructor);
  CHECK(messages.at(2).is_sync);
  CHECK_FALSE(messages[2].is_nested);
  CHECK(messages.at(3).child.received ==
        "std::vector<baton::ActorValue<PLeafParent, PLeafChild>> a");
  CHECK(messages.at(4).parent.sent == "baton::Endpoint<PLeafChild>&& e");
  CHECK(messages[4].child.received == "baton::Endpoint<PLeafChild> e");
  CHECK(messages[4].parameters.rows.at(0).wire_type ==
        "baton::wire::kEndpointOf<0x4c0f6c12a4008f41ull>");  // hash of "media::PLeafChild"
  REQUIRE(plan.forwards_of_child.size() == 1);
  CHECK(plan.forwards_of_child[0].classes == Strings{"PLeafChild", "PLeafParent"});
  CHECK(plan.forwards_of_types.at(0).classes == Strings{"PLeafChild", "PLeafParent"});
  CHECK(plan.forwards_of_parent.at(0).classes == Strings{"PLeafChild", "PLeafParent"});
}

TEST_CASE("what comes from the side that is not trusted is tainted") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type color = TypeOf(models.AddEnum(file, "Color", Scalar::kUint8, {0}));
  Protocol& protocol = models.AddProtocol(file, "PGuard");
  Field bounded = FieldOf("b", kNumber);
  bounded.bounds.max = Integer{false, 3};
  Field echoed = FieldOf("e", kNumber);
  echoed.no_taint = NoTaint::kPassback;
  Models::AddMessage(protocol, "Up", Direction::kBoth,
                     {FieldOf("n", kNumber), FieldOf("c", color), bounded, echoed})
      .is_tainted = true;
  const auto received = [&](MessageSidePlan MessagePlan::*side) {
    return (models.PlanOf(file).sections.at(0).protocols.at(0).messages.at(0).*side).received;
  };
  const std::string plain = "std::uint32_t n, Color c, std::uint32_t b, std::uint32_t e";
  SECTION("with the protocol's trust, but where a bound or an enum says what is valid") {
    protocol.trusts = Side::kParent;
    CHECK(received(&MessagePlan::parent) ==
          "baton::Tainted<std::uint32_t> n, Color c, std::uint32_t b, std::uint32_t e");
    CHECK(received(&MessagePlan::child) == plain);
  }
  SECTION("with the message's attribute") {
    const std::string tainted =
        "baton::Tainted<std::uint32_t> n, baton::Tainted<Color> c, baton::Tainted<std::uint32_t> "
        "b, std::uint32_t e";
    CHECK(received(&MessagePlan::parent) == tainted);
    CHECK(received(&MessagePlan::child) == tainted);
  }
}

TEST_CASE("a type whose name a class hides is named in full there") {
  Models models;
  const FileId file = models.AddFile("a");
  const Type actor = TypeOf(models.AddStruct(file, "Actor", {}));
  const Type reply = TypeOf(models.AddStruct(file, "AskReply", {}));
  Protocol& protocol = models.AddProtocol(file, "PAsk");
  Models::AddMessage(protocol, "Ask", Direction::kToParent, {FieldOf("a", actor)},
                     std::vector{FieldOf("r", reply)});
  const Plan plan = models.PlanOf(file);
  const MessagePlan& ask = plan.sections.at(0).protocols.at(0).messages.at(0);
  CHECK(ask.child.sent == "const ::media::Actor& a");
  CHECK(ask.reply->alias == "::media::AskReply");
}

TEST_CASE("no message takes the name of its protocol's own constants") {
  Models models;
  const FileId file = models.AddFile("a");
  Protocol& protocol = models.AddProtocol(file, "PAsk");
  Models::AddMessage(protocol, "Protocol", Direction::kToParent, {});
  Models::AddMessage(protocol, "ToParent", Direction::kToParent, {});
  Models::AddMessage(protocol, "Other", Direction::kToParent, {});
  Strings constants;
  const Plan plan = models.PlanOf(file);
  for (const MessagePlan& message : plan.sections.at(0).protocols.at(0).messages) {
    constants.push_back(message.constant);
  }
  CHECK(constants == Strings{"kProtocol_", "kToParent_", "kOther"});
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

  CHECK(models.PlanOf(a).headers == Strings{"b.h", "c.h"});
  CHECK(models.PlanOf(b).headers == Strings{"c.h"});  // a.h includes b.h already
}

TEST_CASE("where types of two files need each other, one header has both") {
  Models models;
  const FileId a = models.AddFile("z/a");
  const FileId b = models.AddFile("b");
  const FileId user = models.AddFile("user", {a});
  models.model.files[0].includes = {b};
  models.model.files[1].includes = {a};
  const StructId tree = models.AddStruct(a, "Tree", {});
  const StructId leaf = models.AddStruct(b, "Leaf", {FieldOf("trees", Array(TypeOf(tree)))});
  models.model.structs[0].fields = {FieldOf("leaf", TypeOf(leaf))};
  models.AddProtocol(a, "PTree");
  models.AddStruct(user, "User", {FieldOf("tree", TypeOf(tree))});

  const Plan first = models.PlanOf(b);
  CHECK(first.headers.empty());
  CHECK(TypeNames(first.sections.at(0)) == Strings{"Leaf", "Tree"});
  CHECK(first.sections.at(0).protocols.size() == 1);  // PTree: its tables
  CHECK(first.actors().empty());
  const Plan second = models.PlanOf(a);
  CHECK(second.headers == Strings{"b.h"});
  CHECK(second.sections.empty());
  CHECK(second.actors().at(0).protocols.size() == 1);
  CHECK(models.PlanOf(user).headers == Strings{"z/a.h"});
}

}  // namespace
}  // namespace batonc
