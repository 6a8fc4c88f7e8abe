#include "compiler/source/source_file.h"

#include <algorithm>
#include <utility>

namespace batonc {
namespace {

bool ContinuesCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

SourceFile::SourceFile(FileId id, std::string path, std::string text)
    : id_(id), path_(std::move(path)), text_(std::move(text)), line_begins_{0} {
  for (std::uint32_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_begins_.push_back(i + 1);
  }
}

std::size_t SourceFile::LineIndex(std::uint32_t offset) const {
  const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
  return static_cast<std::size_t>(after - line_begins_.begin()) - 1;
}

std::uint32_t SourceFile::LineBegin(std::uint32_t offset) const {
  return line_begins_[LineIndex(offset)];
}

std::string_view SourceFile::LineAt(std::uint32_t offset) const {
  const std::string_view rest = text().substr(LineBegin(offset));
  std::string_view line = rest.substr(0, rest.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Place SourceFile::PlaceOf(std::uint32_t offset) const {
  const std::uint32_t begin = LineBegin(offset);
  const std::string_view before = text().substr(begin, offset - begin);
  const auto characters = before.size() - static_cast<std::size_t>(std::count_if(
                                              before.begin(), before.end(), ContinuesCharacter));
  return {static_cast<std::uint32_t>(LineIndex(offset) + 1),
          static_cast<std::uint32_t>(characters + 1)};
}

}  // namespace batonc
