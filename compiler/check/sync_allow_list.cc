#include "compiler/check/sync_allow_list.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "compiler/diag/problems.h"

namespace batonc {
namespace {

constexpr std::string_view kSpaces = " \t\r\v\f";

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == text.npos) return text.substr(text.size());
  return text.substr(begin, text.find_last_not_of(kSpaces) + 1 - begin);
}

class AllowListParser {
 public:
  AllowListParser(const SourceFile& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  SyncAllowList Parse() {
    std::string_view rest = source_.text();
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      ParseLine(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (const SyncAllowList::Entry& entry : list_.entries) {
      if (entry.has_description) continue;
      diagnostics_.Report(kNoDescription, entry.span, entry.protocol + "::" + entry.message);
    }
    return std::move(list_);
  }

 private:
  void ParseLine(std::string_view line);
  void ParseSection(std::string_view line);
  void ParseValue(std::string_view line);
  void SetValue(std::string_view key, std::string_view value);

  Span SpanOf(std::string_view part) const {
    const auto begin = static_cast<std::uint32_t>(part.data() - source_.text().data());
    return {source_.id(), begin, begin + static_cast<std::uint32_t>(part.size())};
  }

  void ReportLine(std::string_view part) {
    diagnostics_.Report(kAllowListLine, SpanOf(part), part);
  }

  const SourceFile& source_;
  Diagnostics& diagnostics_;
  SyncAllowList list_;
  std::unordered_map<std::string, Span> seen_;
  bool is_in_section_ = false;
  bool is_kept_ = false;       // the section is an entry of the list
  std::string_view last_key_;  // of the value that a line may continue
};

void AllowListParser::ParseLine(std::string_view line) {
  const std::string_view part = Trim(line);
  if (part.empty() || part[0] == '#' || part[0] == ';') return;
  const bool is_indented = kSpaces.find(line[0]) != kSpaces.npos;
  if (is_indented && !last_key_.empty()) {
    SetValue(last_key_, part);
  } else if (part[0] == '[') {
    ParseSection(part);
  } else {
    ParseValue(part);
  }
}

void AllowListParser::ParseSection(std::string_view line) {
  last_key_ = {};
  is_in_section_ = true;
  is_kept_ = false;
  const std::string_view name = line.ends_with(']') ? line.substr(1, line.size() - 2) : "";
  const std::size_t colons = name.find("::");
  if (colons == name.npos || colons == 0 || colons + 2 == name.size()) return ReportLine(line);
  const auto [first, is_new] = seen_.emplace(name, SpanOf(name));
  if (!is_new) {
    diagnostics_.Report(kListedTwice, SpanOf(name), name).Because(kFirstListedHere, first->second);
    return;
  }
  is_kept_ = true;
  list_.entries.push_back({std::string(name.substr(0, colons)),
                           std::string(name.substr(colons + 2)), SpanOf(name), false, false});
}

void AllowListParser::ParseValue(std::string_view line) {
  const std::size_t equals = line.find_first_of("=:");
  if (equals == line.npos || equals == 0 || !is_in_section_) return ReportLine(line);
  last_key_ = Trim(line.substr(0, equals));
  SetValue(last_key_, Trim(line.substr(equals + 1)));
}

void AllowListParser::SetValue(std::string_view key, std::string_view value) {
  if (!is_kept_ || value.empty()) return;
  SyncAllowList::Entry& entry = list_.entries.back();
  std::string name(key);
  for (char& letter : name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  entry.has_description = entry.has_description || name == "description";
  entry.has_platform = entry.has_platform || name == "platform";
}

}  // namespace

SyncAllowList ParseSyncAllowList(const SourceFile& source, Diagnostics& diagnostics) {
  return AllowListParser(source, diagnostics).Parse();
}

}  // namespace batonc
