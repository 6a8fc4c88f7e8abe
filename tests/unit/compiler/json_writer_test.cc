#include "compiler/emit/json_writer.h"

#include <catch2/catch.hpp>

namespace batonc {
namespace {

std::string Text(std::string_view text) {
  JsonWriter json;
  json.Text(text);
  return json.Take();
}

TEST_CASE("objects and lists are indented, inline ones are not") {
  JsonWriter json;
  json.Open('{');
  json.Key("empty").Open('[');
  json.Close(']');
  json.Key("list").Open('[');
  json.Number(std::int64_t{-1});
  json.OpenInline('{');
  json.Key("a").Bool(true);
  json.Key("b").Open('[');
  json.Null();
  json.Null();
  json.Close(']');
  json.Close('}');
  json.Close(']');
  json.Close('}');
  CHECK(json.Take() ==
        "{\n  \"empty\": [],\n  \"list\": [\n    -1,\n    {\"a\": true, \"b\": [null, null]}\n  "
        "]\n}\n");
}

TEST_CASE("text is escaped, and what is not UTF-8 is replaced") {
  CHECK(Text("a\"b\\c") == "\"a\\\"b\\\\c\"\n");
  CHECK(Text("\n\x7f") == "\"\\u000a\\u007f\"\n");
  CHECK(Text("gr\xc3\xbc\xc3\x9f \xf0\x9f\x8e\xbc") == "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x8e\xbc\"\n");
  const std::string bad = "\xef\xbf\xbd";
  CHECK(Text("\xff") == "\"" + bad + "\"\n");
  CHECK(Text("\xc3") == "\"" + bad + "\"\n");
  CHECK(Text("\xc0\x80") == "\"" + bad + bad + "\"\n");
  CHECK(Text("\xed\xa0\x80") == "\"" + bad + bad + bad + "\"\n");
  CHECK(Text("\xf4\x90\x80\x80") == "\"" + bad + bad + bad + bad + "\"\n");
}

}  // namespace
}  // namespace batonc
