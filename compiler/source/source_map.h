// All files of a run: each is read once, whatever names lead to it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <baton/base/result.h>

#include "compiler/source/file_reader.h"
#include "compiler/source/source_file.h"

namespace batonc {

// Where an include is looked for first: beside the file that includes it, or in the roots (as IPDL
// does).
enum class IncludeOrder : std::uint8_t { kFolderFirst, kRootsFirst };

class SourceMap {
 public:
  // `roots` are the -I folders, in order. `reader` must outlive the map.
  SourceMap(FileReader& reader, std::vector<std::string> roots);

  // Errors: those of FileReader::Read. The answer for a path never changes.
  baton::Result<FileId> Open(const std::string& path);

  // `name` as an include says it: looked for beside the file that includes it and in the roots.
  // An embedded file has nothing beside it.
  // Errors: std::errc::no_such_file_or_directory when it is in none of them; else as Open.
  baton::Result<FileId> OpenInclude(FileId includer, const std::string& name,
                                    IncludeOrder order = IncludeOrder::kFolderFirst);

  // A file that the compiler brings along; `path` is for messages only. Each call adds one.
  FileId AddEmbedded(const std::string& path, std::string_view text);
  bool IsEmbedded(FileId id) const { return identities_[static_cast<std::size_t>(id)].empty(); }

  const SourceFile& file(FileId id) const { return files_[static_cast<std::size_t>(id)]; }
  std::size_t size() const { return files_.size(); }
  std::string_view Text(Span span) const {
    return file(span.file).text().substr(span.begin, span.end - span.begin);
  }

  // Where the file's output goes, without an ending: its path below the first root that holds it,
  // or its bare name when none does.
  std::string OutputOf(FileId id) const;

 private:
  baton::Result<FileId> OpenAnew(const std::string& path);

  FileReader& reader_;
  std::vector<std::string> roots_;
  std::vector<std::string> root_identities_;
  std::deque<SourceFile> files_;         // a deque: references to its files stay valid
  std::vector<std::string> identities_;  // by FileId; empty: embedded
  std::unordered_map<std::string, FileId> by_identity_;
  std::unordered_map<std::string, baton::Result<FileId>> by_path_;  // also what is not there
};

}  // namespace batonc
