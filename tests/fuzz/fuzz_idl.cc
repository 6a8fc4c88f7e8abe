// Any bytes as an .idl file: batonc complains or compiles, and never crashes, hangs or touches a
// disk.
//
// The input is cut at lines of the form `--- NAME` into several files, so that includes are
// exercised; the first part is main.idl.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "compiler/diag/render.h"
#include "compiler/driver/compile.h"

namespace {

std::map<std::string, std::string> FilesIn(std::string_view input) {
  constexpr std::string_view kCut = "\n--- ";
  std::map<std::string, std::string> files;
  std::string name = "main.idl";
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  batonc::MemoryReader reader(FilesIn({reinterpret_cast<const char*>(data), size}));
  batonc::SourceMap sources(reader, {"root"});
  batonc::Diagnostics diagnostics;
  const auto outputs = batonc::Compile(sources, {"main.idl"}, diagnostics);
  const std::string words = batonc::RenderAll(sources, diagnostics);
  // Either the compiler has something to say, or there is output.
  if (diagnostics.HasErrors() != outputs.empty()) std::abort();
  if (diagnostics.HasErrors() && words.empty()) std::abort();
  return 0;
}
