// Any bytes as an .idl file and as an .ipdl file: batonc complains or compiles, formats without
// losing anything, and never crashes, hangs or touches a disk.
//
// The input is cut at lines of the form `--- NAME` into several files, so that includes are
// exercised; the first part is the main file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/diag/render.h"
#include "compiler/driver/compile.h"
#include "compiler/format/format.h"

namespace {

std::map<std::string, std::string> FilesIn(std::string name, std::string_view input) {
  constexpr std::string_view kCut = "\n--- ";
  std::map<std::string, std::string> files;
  while (true) {
    const std::size_t cut = input.find(kCut);
    files.emplace(name, input.substr(0, cut));
    if (cut == input.npos) return files;
    input.remove_prefix(cut + kCut.size());
    const std::size_t end = input.find('\n');
    name = input.substr(0, end);
    input.remove_prefix(end == input.npos ? input.size() : end);
  }
}

void Compile(const std::string& main, std::string_view input) {
  batonc::MemoryReader reader(FilesIn(main, input));
  batonc::SourceMap sources(reader, {"root"});
  batonc::Diagnostics diagnostics;
  const auto outputs = batonc::Compile(sources, {main}, diagnostics);
  const std::string words = batonc::RenderAll(sources, diagnostics);
  // Either the compiler has something to say, or there is output.
  if (diagnostics.HasErrors() != outputs.empty()) std::abort();
  if (diagnostics.HasErrors() && words.empty()) std::abort();
}

std::optional<std::string> Formatted(const std::string& path, std::string_view text) {
  const batonc::SourceFile source(batonc::FileId{0}, path, std::string(text));
  batonc::Diagnostics diagnostics;
  return batonc::FormatSource(source, diagnostics);
}

std::string WithoutSpace(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::string kept;
  for (const char c : text) {
    if (kSpace.find(c) == kSpace.npos) kept += c;
  }
  return kept;
}

// Only space changes, and the second time not even that.
void Format(const std::string& path, std::string_view input) {
  const std::optional<std::string> once = Formatted(path, input);
  if (!once) return;
  if (WithoutSpace(*once) != WithoutSpace(input)) std::abort();
  if (Formatted(path, *once) != once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const char* main : {"main.idl", "main.ipdl"}) {
    Compile(main, input);
    Format(main, input);
  }
  return 0;
}
