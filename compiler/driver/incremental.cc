#include "compiler/driver/incremental.h"

#include <fmt/format.h>

#include <charconv>

#include "compiler/source/file_reader.h"

namespace batonc {
namespace {

constexpr std::string_view kHeadline = "batonc stamp 1\n";

// --- the format: numbers and texts of known length, one file per line ---------------------------

void AddText(std::string& out, std::string_view text) {
  fmt::format_to(std::back_inserter(out), "{} {}\n", text.size(), text);
}

void AddFiles(std::string& out, const std::vector<StampedFile>& files) {
  fmt::format_to(std::back_inserter(out), "{}\n", files.size());
  for (const auto& [path, state, hash] : files) {
    fmt::format_to(std::back_inserter(out), "{} {} {} {} {} {} {} {} {} ",
                   static_cast<int>(state.kind), state.device, state.inode, state.size,
                   state.modified_ns, state.changed_ns, static_cast<int>(state.is_settled),
                   static_cast<int>(hash.has_value()), hash.value_or(0));
    AddText(out, path);
  }
}

// Takes a stamp apart. After a mistake nothing more is taken.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool Headline() {
    if (!rest_.starts_with(kHeadline)) return false;
    rest_.remove_prefix(kHeadline.size());
    return true;
  }

  template <class Number>
  Number Take() {
    Number number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    const auto length = static_cast<std::size_t>(end - rest_.data());
    if (error != std::errc() || length >= rest_.size()) {
      Fail();
      return 0;
    }
    rest_.remove_prefix(length + 1);  // and what separates it from the next
    return number;
  }

  std::string Text() {
    const auto size = Take<std::size_t>();
    if (is_broken_ || size >= rest_.size() || rest_[size] != '\n') {
      Fail();
      return "";
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size + 1);
    return text;
  }

  std::vector<StampedFile> Files() {
    std::vector<StampedFile> files;
    const auto count = Take<std::size_t>();
    for (std::size_t i = 0; i < count && !is_broken_; ++i) files.push_back(File());
    return files;
  }

  bool IsComplete() const { return !is_broken_ && rest_.empty(); }

 private:
  StampedFile File() {
    StampedFile file;
    FileState& state = file.state;
    const int kind = Take<int>();
    if (kind < 0 || kind > static_cast<int>(FileState::Kind::kFolder)) Fail();
    state.kind = static_cast<FileState::Kind>(kind);
    state.device = Take<std::uint64_t>();
    state.inode = Take<std::uint64_t>();
    state.size = Take<std::uint64_t>();
    state.modified_ns = Take<std::int64_t>();
    state.changed_ns = Take<std::int64_t>();
    state.is_settled = Take<int>() != 0;
    const bool has_hash = Take<int>() != 0;
    const auto hash = Take<std::uint64_t>();
    if (has_hash) file.hash = hash;
    file.path = Text();
    return file;
  }

  void Fail() {
    is_broken_ = true;
    rest_ = {};
  }

  std::string_view rest_;
  bool is_broken_ = false;
};

// --- freshness
// ------------------------------------------------------------------------------------

bool HasHash(const std::string& path, std::uint64_t hash) {
  DiskReader disk;
  const auto content = disk.Read(path);
  return content.has_value() && ContentHash(*content) == hash;
}

Freshness CheckFile(StampedFile& file) {
  const FileState now = StateOf(file.path);
  const bool is_same = now.SameAs(file.state);
  if (is_same && file.state.is_settled) return {.is_fresh = true};
  if (!file.hash) return {.is_fresh = is_same};
  if (now.kind != FileState::Kind::kFile || now.size != file.state.size) return {};
  if (!HasHash(file.path, *file.hash)) return {};
  file.state = now;
  return {.is_fresh = true, .was_updated = true};
}

}  // namespace

std::string StampPath(const std::string& output_folder, const std::string& command) {
  return fmt::format("{}/.batonc/{:016x}.stamp", output_folder, ContentHash(command));
}

std::string FormatStamp(const Stamp& stamp) {
  std::string text(kHeadline);
  AddText(text, stamp.command);
  AddText(text, stamp.words);
  AddFiles(text, stamp.inputs);
  AddFiles(text, stamp.outputs);
  return text;
}

std::optional<Stamp> ParseStamp(std::string_view text) {
  Scanner scanner(text);
  if (!scanner.Headline()) return std::nullopt;
  Stamp stamp;
  stamp.command = scanner.Text();
  stamp.words = scanner.Text();
  stamp.inputs = scanner.Files();
  stamp.outputs = scanner.Files();
  if (!scanner.IsComplete()) return std::nullopt;
  return stamp;
}

Freshness CheckFreshness(Stamp& stamp) {
  Freshness all{.is_fresh = true};
  for (std::vector<StampedFile>* files : {&stamp.inputs, &stamp.outputs}) {
    for (StampedFile& file : *files) {
      const Freshness one = CheckFile(file);
      if (!one.is_fresh) return {};
      all.was_updated |= one.was_updated;
    }
  }
  return all;
}

}  // namespace batonc
