// How types become tables of a FlatBuffers schema.
#include <catch2/catch.hpp>

#include "compiler/lower/fbs_names.h"
#include "compiler/lower/lower.h"
#include "tests/unit/compiler/models.h"

namespace batonc {
namespace {

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
    return TablesOf(models.PlanOf(file).fbs);
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
  SECTION("a slice") {
    const Type slice = TypeOf(SliceType{});
    CHECK(tables(slice) == Strings{lone("BatonShmemSlice=(id: 0, required)")});
    CHECK(models.PlanOf(file).fbs.has_slices);
    CHECK(models.PlanOf(file).fbs.has_memory);  // of which it is made
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
  SECTION("a fixed array") {
    CHECK(tables(Fixed(kNumber, 3)) == Strings{lone("[uint]=(id: 0)")});
  }
  SECTION("an array of fixed arrays") {
    CHECK(tables(Array(Fixed(kNumber, 3))) ==
          Strings{box("Box_uint32_array3", "[uint]=(id: 0)"), lone("[Box_uint32_array3]=(id: 0)")});
  }
  SECTION("a pointer is an optional") {
    CHECK(tables(Pointer(kNumber)) == Strings{lone("uint=null(id: 0)")});
  }
  SECTION("an optional pointer") {
    CHECK(
        tables(Optional(Pointer(kNumber))) ==
        Strings{box("Box_uint32_pointer", "uint=null(id: 0)"), lone("Box_uint32_pointer=(id: 0)")});
  }
  SECTION("a handle") {
    CHECK(tables(TypeOf(FileDescriptorType{})) == Strings{lone("uint=4294967295(id: 0)")});
  }
  SECTION("an optional handle") {
    CHECK(tables(Optional(TypeOf(FileDescriptorType{}))) == Strings{lone("uint=null(id: 0)")});
  }
  SECTION("a map has entries") {
    CHECK(tables(Map(kText, Array(kNumber))) ==
          Strings{"media.Entry_string_to_uint32_array{key:string=(id: 0)value:[uint]=(id: 1)}",
                  lone("[Entry_string_to_uint32_array]=(id: 0)")});
  }
  SECTION("an array of maps") {
    CHECK(tables(Array(Map(color, kNumber))) ==
          Strings{"media.Entry_Color_to_uint32{key:Color=kValue0(id: 0)value:uint=(id: 1)}",
                  box("Box_Color_to_uint32", "[Entry_Color_to_uint32]=(id: 0)"),
                  lone("[Box_Color_to_uint32]=(id: 0)")});
  }
  SECTION("a C++ type") {
    const Type url = TypeOf(ExternalType{models.AddExternal(file, "Url", "Url"), false});
    CHECK(tables(Array(url)) ==
          Strings{box("Box_Url", "[ubyte]=(id: 0)"), lone("[Box_Url]=(id: 0)")});
  }
  SECTION("twice the same, and a user's type of that name") {
    models.AddStruct(file, "Box_uint32_array", {});
    models.AddStruct(file, "S", {FieldOf("x", Array(Array(kNumber)))});
    CHECK(tables(Array(Array(kNumber))) ==
          Strings{"media.Box_uint32_array{}", box("Box_uint32_array_", "[uint]=(id: 0)"),
                  "media.S{x:[Box_uint32_array_]=(id: 0)}", lone("[Box_uint32_array_]=(id: 0)")});
  }
}

TEST_CASE("a union is a table around a FlatBuffers union of tables") {
  Models models;
  const FileId file = models.AddFile("a");
  const StructId rect = models.AddStruct(file, "Rect", {});
  models.AddUnion(file, "Shape", {{"Rect", TypeOf(rect), {}, false}, {"string", kText, {}, false}});
  const FbsPlan plan = models.PlanOf(file).fbs;
  CHECK(TablesOf(plan) == Strings{"media.Rect{}", "media.Box_string{value:string=(id: 0)}",
                                  "media.Shape{value:Shape_Value=(id: 1)}"});
  const auto& value = std::get<FbsUnion>(plan.sections.at(0).declarations.at(2));
  CHECK(value.name == "Shape_Value");
  CHECK(value.alternatives == Strings{"Rect:Rect", "string_:Box_string"});
}

TEST_CASE("a field's own default is in the schema where flatc knows it") {
  Models models;
  const FileId file = models.AddFile("a");
  const EnumId color = models.AddEnum(file, "Color", Scalar::kUint8, {5, 2});
  Field number = FieldOf("n", TypeOf(Scalar::kInt8));
  number.default_value = Integer{true, 1};
  Field paint = FieldOf("c", TypeOf(color));
  paint.default_value = EnumeratorRef{color, 1};
  Field text = FieldOf("t", kText);
  text.default_value = std::string("x");
  models.AddStruct(file, "S", {number, paint, text});
  CHECK(TablesOf(models.PlanOf(file).fbs) ==
        Strings{"media.S{n:byte=-1(id: 0)c:Color=kValue1(id: 1)t:string=(id: 2)}"});
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
