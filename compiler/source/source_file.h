// The text of one file, and places in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace batonc {

// A file of this run; the same number in SourceMap and in Model.
enum class FileId : std::uint32_t {};

// The bytes [begin, end) of a file. An empty span is a place between two characters.
struct Span {
  FileId file{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool operator==(const Span&) const = default;
};

// Where a byte is, for people: both count from 1; a column is a character, not a byte.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

class SourceFile {
 public:
  // `text` is at most kMaxFileBytes long (source_map.h), so every offset fits a Span.
  SourceFile(FileId id, std::string path, std::string text);

  FileId id() const { return id_; }
  // As messages show it: as given on the command line, or as an include found it.
  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }

  // Offsets beyond the end count as the end.
  Place PlaceOf(std::uint32_t offset) const;
  // The line that holds `offset`, without its line break.
  std::string_view LineAt(std::uint32_t offset) const;
  // Where that line begins.
  std::uint32_t LineBegin(std::uint32_t offset) const;

 private:
  std::size_t LineIndex(std::uint32_t offset) const;

  FileId id_;
  std::string path_;
  std::string text_;
  std::vector<std::uint32_t> line_begins_;
};

}  // namespace batonc
