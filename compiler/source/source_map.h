// All files of a run: each is read once, whatever names lead to it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include <baton/base/result.h>

#include "compiler/source/file_reader.h"
#include "compiler/source/source_file.h"

namespace batonc {

class SourceMap {
 public:
  // `roots` are the -I folders, in order. `reader` must outlive the map.
  SourceMap(FileReader& reader, std::vector<std::string> roots);

  // Errors: those of FileReader::Read.
  baton::Result<FileId> Open(const std::string& path);

  // `name` as an include says it: looked for beside the file that includes it, then in the roots.
  // Errors: std::errc::no_such_file_or_directory when it is in none of them; else as Open.
  baton::Result<FileId> OpenInclude(FileId includer, const std::string& name);

  const SourceFile& file(FileId id) const { return files_[static_cast<std::size_t>(id)]; }
  std::size_t size() const { return files_.size(); }
  std::string_view Text(Span span) const {
    return file(span.file).text().substr(span.begin, span.end - span.begin);
  }

  // Where the file's output goes, without an ending: its path below the first root that holds it,
  // or its bare name when none does.
  std::string OutputOf(FileId id) const;

 private:
  FileReader& reader_;
  std::vector<std::string> roots_;
  std::vector<std::string> root_identities_;
  std::deque<SourceFile> files_;  // a deque: references to its files stay valid
  std::vector<std::string> identities_;
  std::map<std::string, FileId> by_identity_;
};

}  // namespace batonc
