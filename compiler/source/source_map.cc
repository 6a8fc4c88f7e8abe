#include "compiler/source/source_map.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace batonc {
namespace {

namespace fs = std::filesystem;
using baton::Fail;
using baton::Result;

bool IsMissing(std::error_code error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
}

}  // namespace

SourceMap::SourceMap(FileReader& reader, std::vector<std::string> roots)
    : reader_(reader), roots_(std::move(roots)) {
  for (const std::string& root : roots_) root_identities_.push_back(reader_.Identity(root));
}

Result<FileId> SourceMap::Open(const std::string& path) {
  if (const auto known = by_path_.find(path); known != by_path_.end()) return known->second;
  return by_path_.emplace(path, OpenAnew(path)).first->second;
}

Result<FileId> SourceMap::OpenAnew(const std::string& path) {
  std::string identity = reader_.Identity(path);
  if (const auto known = by_identity_.find(identity); known != by_identity_.end()) {
    return known->second;
  }
  BATON_TRY(std::string text, reader_.Read(path));
  const FileId id{static_cast<std::uint32_t>(files_.size())};
  files_.emplace_back(id, path, std::move(text));
  by_identity_.emplace(identity, id);
  identities_.push_back(std::move(identity));
  return id;
}

Result<FileId> SourceMap::OpenInclude(FileId includer, const std::string& name,
                                      IncludeOrder order) {
  std::vector<fs::path> folders(roots_.begin(), roots_.end());
  if (!IsEmbedded(includer)) {
    const auto place = order == IncludeOrder::kFolderFirst ? folders.begin() : folders.end();
    folders.insert(place, fs::path(file(includer).path()).parent_path());
  }
  for (const fs::path& folder : folders) {
    Result<FileId> found = Open((folder / name).lexically_normal().string());
    if (found.has_value() || !IsMissing(found.error())) return found;
  }
  return Fail(make_error_code(std::errc::no_such_file_or_directory));
}

FileId SourceMap::AddEmbedded(const std::string& path, std::string_view text) {
  const FileId id{static_cast<std::uint32_t>(files_.size())};
  files_.emplace_back(id, path, std::string(text));
  identities_.emplace_back();
  return id;
}

std::string SourceMap::OutputOf(FileId id) const {
  const fs::path identity = identities_[static_cast<std::size_t>(id)];
  for (const std::string& root : root_identities_) {
    const fs::path below = identity.lexically_relative(root);
    if (!below.empty() && *below.begin() != "..") {
      return (below.parent_path() / below.stem()).generic_string();
    }
  }
  return identity.stem().string();
}

}  // namespace batonc
