// Writes JSON as it goes, without a tree in memory.
//
//   JsonWriter json;
//   json.Open('{');
//   json.Key("name").Text("Rect");
//   json.Key("of").OpenInline('{');  // all of it on one line
//   ...
//   json.Close('}');
//   json.Close('}');
//
// Indents by two. Text that is not UTF-8 gets U+FFFD for each byte that is none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace batonc {

class JsonWriter {
 public:
  // The bracket is `{` or `[`. What is inside of an inline one is inline as well.
  void Open(char bracket);
  void OpenInline(char bracket);
  void Close(char bracket);

  // The next value is that of `key`, which needs no escapes.
  JsonWriter& Key(std::string_view key);

  void Text(std::string_view text);
  void Number(std::int64_t number) { Raw(std::to_string(number)); }
  void Number(std::uint64_t number) { Raw(std::to_string(number)); }
  void Bool(bool value) { Raw(value ? "true" : "false"); }
  void Null() { Raw("null"); }
  // Something that is JSON already.
  void Raw(std::string_view json);

  std::string Take() { return std::exchange(out_, {}) + "\n"; }

 private:
  void BeginValue();
  void BreakLine();

  std::string out_;
  int depth_ = 0;
  int inline_depth_ = 0;  // brackets open since the outermost inline one; 0: not inline
  bool is_first_ = true;  // in the innermost bracket
  bool after_key_ = false;
};

}  // namespace batonc
