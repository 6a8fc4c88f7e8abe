#include "tools/memtrack/scan/mapped_range.h"

#include <sys/sysmacros.h>

#include "tools/memtrack/scan/text_fields.h"

namespace memtrack {
namespace {

bool TakeAccess(TextFields& fields, MappedRange& range) {
  const std::string_view word = fields.Word();
  if (word.size() != 4) return false;
  range.is_readable = word[0] == 'r';
  range.is_writable = word[1] == 'w';
  range.is_executable = word[2] == 'x';
  range.is_private = word[3] == 'p';
  return true;
}

bool TakeHex(TextFields& fields, std::uint64_t& value) {
  const auto number = fields.Number(16);
  value = number.value_or(0);
  return number.has_value();
}

}  // namespace

std::optional<MappingLine> ParseMappingLine(std::string_view line) {
  MappingLine mapping;
  MappedRange& range = mapping.range;
  std::uint64_t major_number = 0, minor_number = 0;
  TextFields fields(line);
  const bool has_range =
      TakeHex(fields, range.begin) && fields.Skip('-') && TakeHex(fields, range.end);
  if (!has_range || range.end < range.begin || !TakeAccess(fields, range)) return std::nullopt;
  fields.SkipBlanks();
  if (!TakeHex(fields, range.offset)) return std::nullopt;
  fields.SkipBlanks();
  if (!TakeHex(fields, major_number) || !fields.Skip(':') || !TakeHex(fields, minor_number)) {
    return std::nullopt;
  }
  fields.SkipBlanks();
  const auto inode = fields.Number();
  if (!inode) return std::nullopt;
  range.device = makedev(static_cast<unsigned>(major_number), static_cast<unsigned>(minor_number));
  range.inode = *inode;
  fields.SkipBlanks();
  mapping.path = fields.rest();
  return mapping;
}

}  // namespace memtrack
