#include "compiler/lower/fbs_names.h"

#include <algorithm>

namespace batonc {
namespace {

// Not all of them are refused everywhere by every flatc; none is worth finding out.
constexpr std::string_view kFlatcWords[] = {
    "attribute", "bool",      "byte",    "default",         "deprecated",  "double",
    "enum",      "false",     "float",   "file_extension",  "float32",     "float64",
    "hash",      "id",        "include", "file_identifier", "inf",         "infinity",
    "int",       "int16",     "int32",   "int64",           "int8",        "key",
    "long",      "namespace", "nan",     "native_include",  "null",        "required",
    "short",     "root_type", "string",  "struct",          "rpc_service", "table",
    "true",      "ubyte",     "uint",    "uint16",          "uint32",      "uint64",
    "uint8",     "ulong",     "union",   "ushort",          "force_align", "bit_flags"};

constexpr std::string_view kVectorSuffixes[] = {"_length", "Length"};
constexpr std::string_view kStringSuffixes[] = {"_byte_vector", "ByteVector"};

}  // namespace

std::string FbsName(std::string_view name) {
  const bool taken = std::ranges::find(kFlatcWords, name) != std::end(kFlatcWords);
  return std::string(name) + (taken ? "_" : "");
}

std::string FbsNamespace(const std::vector<std::string>& path) {
  std::string joined;
  for (const std::string& part : path) {
    if (!joined.empty()) joined += '.';
    joined += FbsName(part);
  }
  return joined;
}

bool ClashesWithNeighbour(std::string_view name,
                          const std::map<std::string, std::string, std::less<>>& types) {
  const auto stands_behind = [&](std::string_view suffix, auto matches) {
    if (!name.ends_with(suffix)) return false;
    const auto neighbour = types.find(name.substr(0, name.size() - suffix.size()));
    return neighbour != types.end() && matches(neighbour->second);
  };
  return std::ranges::any_of(kVectorSuffixes,
                             [&](std::string_view suffix) {
                               return stands_behind(suffix, [](const std::string& type) {
                                 return type.starts_with('[');
                               });
                             }) ||
         std::ranges::any_of(kStringSuffixes, [&](std::string_view suffix) {
           return stands_behind(suffix, [](const std::string& type) { return type == "string"; });
         });
}

}  // namespace batonc
