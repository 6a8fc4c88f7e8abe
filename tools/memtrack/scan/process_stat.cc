#include "tools/memtrack/scan/process_stat.h"

#include "tools/memtrack/scan/text_fields.h"

namespace memtrack {
namespace {

constexpr std::uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD

// In stat, and only there, a line feed and a backslash of the name are written as \n and \\.
std::string UnescapedCommand(std::string_view text) {
  std::string command;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == '\\')) {
      ++i;
      command += text[i] == 'n' ? '\n' : '\\';
    } else {
      command += text[i];
    }
  }
  return command;
}

}  // namespace

std::optional<ProcessStat> ParseProcessStat(std::string_view text) {
  const std::size_t begin = text.find('('), end = text.rfind(')');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return std::nullopt;
  }
  ProcessStat stat;
  const auto pid = TextFields(text).Number<int>();
  if (!pid) return std::nullopt;
  stat.pid = *pid;
  stat.command = UnescapedCommand(text.substr(begin + 1, end - begin - 1));

  TextFields fields(text.substr(end + 1));
  const std::string_view state = fields.Word();
  if (state.size() != 1) return std::nullopt;
  stat.state = state[0];
  for (int number = 4; number <= 22; ++number) {
    const auto value = TextFields(fields.Word()).Number<std::int64_t>();
    if (!value) return std::nullopt;
    if (number == 4) stat.parent_pid = static_cast<int>(*value);
    if (number == 9)
      stat.is_kernel_thread = (static_cast<std::uint64_t>(*value) & kKernelThread) != 0;
    if (number == 20) stat.threads = static_cast<int>(*value);
    if (number == 22) stat.start_time = static_cast<std::uint64_t>(*value);
  }
  return stat;
}

std::optional<ProcessPages> ParseProcessPages(std::string_view text) {
  TextFields fields(text);
  const auto size = TextFields(fields.Word()).Number();
  fields.Word();  // resident: moves with memory that is nobody else's, too
  const auto shared = TextFields(fields.Word()).Number();
  if (!size || !shared) return std::nullopt;
  return ProcessPages{*size, *shared};
}

std::string ParseCgroup(std::string_view text) {
  std::string_view unified, other;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (controllers.empty()) unified = path;
    if (controllers == "name=systemd" || (controllers == "memory" && other.empty())) other = path;
  }
  return std::string(unified.size() > 1 || other.empty() ? unified : other);
}

std::optional<std::uint32_t> ParseUser(std::string_view text) {
  while (!text.empty()) {
    TextFields fields(TakeLine(text));
    if (fields.Word() != "Uid:") continue;
    std::optional<std::uint32_t> user = TextFields(fields.Word()).Number<std::uint32_t>();
    for (int others = 3; others > 0; --others) {
      if (TextFields(fields.Word()).Number<std::uint32_t>() != user) user = std::nullopt;
    }
    return user;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ParseNamespace(std::string_view link) {
  const std::size_t bracket = link.find(":[");
  if (bracket == std::string_view::npos) return std::nullopt;
  TextFields fields(link.substr(bracket + 2));
  const auto number = fields.Number();
  if (!number || !fields.Skip(']')) return std::nullopt;
  return number;
}

}  // namespace memtrack
