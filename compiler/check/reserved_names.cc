#include "compiler/check/reserved_names.h"

#include <algorithm>

namespace batonc {
namespace {

constexpr std::string_view kWords[] = {
    "EOF",
    "NULL",
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "assert",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "errno",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "offsetof",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
};
static_assert(std::ranges::is_sorted(kWords));

}  // namespace

bool IsCppWord(std::string_view name) {
  return std::ranges::binary_search(kWords, name);
}

bool IsForeignNamespace(std::string_view name) {
  return name == "std" || name == "baton" || name == "boost" || name == "flatbuffers";
}

std::string_view ReservedShape(std::string_view name) {
  if (name.find("__") != name.npos) return "contains `__`";
  if (name.ends_with('_')) return "ends in `_`";
  if (name.size() > 1 && name[0] == '_' && name[1] >= 'A' && name[1] <= 'Z') {
    return "begins with `_` and a capital";
  }
  return "";
}

}  // namespace batonc
