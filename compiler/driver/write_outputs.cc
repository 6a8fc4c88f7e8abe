#include "compiler/driver/write_outputs.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace batonc {
namespace {

namespace fs = std::filesystem;
using baton::Fail;
using baton::Result;

bool HasContent(const fs::path& path, const std::string& text) {
  std::error_code error;
  if (fs::file_size(path, error) != text.size() || error) return false;
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  return file.good() && content == text;
}

Result<void> WriteWhole(const fs::path& path, const std::string& text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file.good()) return {};
  return Fail(std::error_code(errno == 0 ? EIO : errno, std::generic_category()));
}

std::string Escaped(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    if (c == ' ' || c == '#') escaped += '\\';
    if (c == '$') escaped += '$';
    escaped += c;
  }
  return escaped;
}

// A link stays a link, and what it leads to is replaced.
fs::path Target(const std::string& path) {
  std::error_code error;
  const bool is_link = fs::is_symlink(fs::symlink_status(path, error));
  const fs::path target = is_link ? fs::weakly_canonical(path, error) : fs::path(path);
  return error ? fs::path(path) : target;
}

// Who may do what with the file is not our business; a new file has what is usual.
void KeepPermissions(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const fs::file_status status = fs::status(from, error);
  if (!error && fs::is_regular_file(status)) fs::permissions(to, status.permissions(), error);
}

}  // namespace

// A thousand new files are written faster when nobody asks about each what a new file cannot have.
Result<void> WriteIfChanged(const std::string& name, const std::string& text) {
  std::error_code error;
  const bool is_new = fs::symlink_status(name, error).type() == fs::file_type::not_found;
  if (!is_new && HasContent(name, text)) return {};
  const fs::path path = is_new ? fs::path(name) : Target(name);
  const fs::path unfinished = path.string() + ".unfinished." + std::to_string(::getpid());
  Result<void> written = WriteWhole(unfinished, text);
  if (!written.has_value() && written.error() == std::errc::no_such_file_or_directory) {
    const fs::path folder = path.parent_path();
    error.clear();
    if (!folder.empty()) fs::create_directories(folder, error);
    if (error) return Fail(error);
    written = WriteWhole(unfinished, text);
  }
  error = written.has_value() ? std::error_code() : written.error();
  if (!error && !is_new) KeepPermissions(path, unfinished);
  if (!error) fs::rename(unfinished, path, error);
  if (!error) return {};
  std::error_code ignored;  // what went wrong first is what counts
  fs::remove(unfinished, ignored);
  return Fail(error);
}

std::string DependencyFile(const std::vector<std::string>& outputs,
                           const std::vector<std::string>& inputs) {
  std::string text;
  for (const std::string& output : outputs) text += (text.empty() ? "" : " ") + Escaped(output);
  text += ":";
  for (const std::string& input : inputs) text += " \\\n  " + Escaped(input);
  return text + "\n";
}

}  // namespace batonc
