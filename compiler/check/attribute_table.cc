#include "compiler/check/attribute_table.h"

#include <vector>

namespace batonc {
namespace {

constexpr std::string_view kProcesses[] = {"any",
                                           "anychild",
                                           "anydom",
                                           "compositor",
                                           "Parent",
                                           "Content",
                                           "IPDLUnitTest",
                                           "GMPlugin",
                                           "GPU",
                                           "VR",
                                           "RDD",
                                           "Socket",
                                           "RemoteSandboxBroker",
                                           "ForkServer",
                                           "Utility"};
constexpr std::string_view kNestings[] = {"not", "inside_sync", "inside_cpow"};
constexpr std::string_view kPriorities[] = {"normal", "input", "vsync", "mediumhigh", "control"};
constexpr std::string_view kVirtual[] = {"virtual"};
constexpr std::string_view kSides[] = {"parent", "child"};
constexpr std::string_view kAll[] = {"all"};
constexpr std::string_view kNoTaints[] = {"passback", "allvalid"};
constexpr std::string_view kMoves[] = {"data", "send"};

const AttributeRow kRows[] = {
    {AttributePlace::kProtocol, "ChildProc", kWord, kProcesses},
    {AttributePlace::kProtocol, "ParentProc", kWord, kProcesses},
    {AttributePlace::kProtocol, "ChildImpl", kWord | kText, kVirtual},
    {AttributePlace::kProtocol, "ParentImpl", kWord | kText, kVirtual},
    {AttributePlace::kProtocol, "ManualDealloc", kNothing, {}},
    {AttributePlace::kProtocol, "NeedsOtherPid", kNothing, {}},
    {AttributePlace::kProtocol, "NestedUpTo", kWord, kNestings},
    {AttributePlace::kProtocol, "Trusts", kWord, kSides, true},
    {AttributePlace::kMessage, "Compress", kNothing | kWord, kAll},
    {AttributePlace::kMessage, "LazySend", kNothing, {}},
    {AttributePlace::kMessage, "Nested", kWord, kNestings},
    {AttributePlace::kMessage, "Priority", kWord, kPriorities},
    {AttributePlace::kMessage, "ReplyPriority", kWord, kPriorities},
    {AttributePlace::kMessage, "Tainted", kNothing, {}},
    {AttributePlace::kMessage, "VirtualSendImpl", kNothing, {}},
    {AttributePlace::kMessage, "Because", kText, {}, true},
    {AttributePlace::kMessage, "Deadline", kDuration, {}, true},
    {AttributePlace::kMessage, "Removed", kVersion, {}, true},
    {AttributePlace::kMessage, "Since", kVersion, {}, true},
    {AttributePlace::kParameter, "NoTaint", kWord, kNoTaints},
    {AttributePlace::kParameter, "Max", kLimit, {}, true},
    {AttributePlace::kParameter, "MaxCount", kLimit, {}, true},
    {AttributePlace::kParameter, "Min", kLimit, {}, true},
    {AttributePlace::kField, "Max", kLimit, {}, true},
    {AttributePlace::kField, "MaxCount", kLimit, {}, true},
    {AttributePlace::kField, "Min", kLimit, {}, true},
    {AttributePlace::kField, "Removed", kVersion, {}, true},
    {AttributePlace::kField, "Since", kVersion, {}, true},
    {AttributePlace::kUsing, "MoveOnly", kNothing | kWord, kMoves},
    {AttributePlace::kUsing, "RefCounted", kNothing, {}},
    {AttributePlace::kStruct, "Comparable", kNothing, {}},
    {AttributePlace::kUnion, "Comparable", kNothing, {}},
    {AttributePlace::kEnum, "Extensible", kNothing, {}, true},
    {AttributePlace::kEnum, "Flags", kNothing, {}, true},
    {AttributePlace::kEnumerator, "Removed", kVersion, {}, true},
    {AttributePlace::kEnumerator, "Since", kVersion, {}, true},
};

std::string Quote(std::string_view word) {
  return std::string("`").append(word).append("`");
}

std::string Join(const std::vector<std::string>& phrases) {
  std::string joined;
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    if (i > 0) joined += i + 1 == phrases.size() ? " or " : ", ";
    joined += phrases[i];
  }
  return joined;
}

}  // namespace

std::string_view Describe(AttributePlace place) {
  switch (place) {
    case AttributePlace::kProtocol: return "a protocol";
    case AttributePlace::kMessage: return "a message";
    case AttributePlace::kParameter: return "a parameter";
    case AttributePlace::kField: return "a field";
    case AttributePlace::kUsing: return "a `using`";
    case AttributePlace::kStruct: return "a struct";
    case AttributePlace::kUnion: return "a union";
    case AttributePlace::kEnum: return "an enum";
    case AttributePlace::kEnumerator: return "an enumerator";
    case AttributePlace::kConstant: return "a constant";
  }
  return "";
}

const AttributeRow* FindAttributeRow(AttributePlace place, std::string_view name) {
  for (const AttributeRow& row : kRows) {
    if (row.place == place && row.name == name) return &row;
  }
  return nullptr;
}

std::vector<std::string> AttributeNamesAt(AttributePlace place, Dialect dialect) {
  std::vector<std::string> names;
  for (const AttributeRow& row : kRows) {
    const bool is_known = dialect == Dialect::kBaton || !row.is_ours;
    if (row.place == place && is_known) names.emplace_back(row.name);
  }
  return names;
}

std::string AttributesAt(AttributePlace place, Dialect dialect) {
  const std::vector<std::string> names = AttributeNamesAt(place, dialect);
  const std::vector<std::string_view> words(names.begin(), names.end());
  return words.empty() ? "no attributes" : Enumerate(words);
}

std::string ValuesOf(const AttributeRow& row) {
  std::vector<std::string> phrases;
  if ((row.values & kNothing) != 0) phrases.emplace_back("no value");
  if ((row.values & kWord) != 0) {
    for (const std::string_view word : row.words) phrases.push_back(Quote(word));
  }
  if ((row.values & kText) != 0) phrases.emplace_back("a string that is not empty");
  if ((row.values & kVersion) != 0) phrases.emplace_back("a version from 1 to 1000");
  if ((row.values & kLimit) != 0) phrases.emplace_back("a number or a constant");
  if ((row.values & kDuration) != 0) phrases.emplace_back("a time such as `250ms`");
  return Join(phrases);
}

std::string Enumerate(std::span<const std::string_view> words) {
  std::vector<std::string> quoted;
  for (const std::string_view word : words) quoted.push_back(Quote(word));
  return Join(quoted);
}

}  // namespace batonc
