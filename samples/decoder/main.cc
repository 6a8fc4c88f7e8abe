// decoder FILES...: thumbnails of pictures that nobody should decode in his own process.
//
// Exit code 0: a thumbnail for every file. 1: some files have none, and the table says why.
// 2: nothing was tried.
#include <cstdio>
#include <string>

#include "samples/decoder/gallery.h"
#include "samples/decoder/options.h"
#include "samples/decoder/terminal_text.h"

namespace {

bool Print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  int exit_code = 0;
  const auto options = samples::ParseOptions(argc, argv, exit_code);
  if (!options) return exit_code;

  auto folder = samples::ThumbnailFolder::Make(options->out, options->inputs);
  if (!folder) {
    std::fprintf(stderr, "decoder: %s: %s\n", samples::Printable(options->out.string()).c_str(),
                 folder.error().message().c_str());
    return 2;
  }
  const auto rows = samples::MakeThumbnails(options->inputs, *folder, options->decoder);
  if (!Print(samples::FormatTable(rows))) {
    std::perror("decoder: standard output");
    return 1;
  }
  for (const samples::Row& row : rows) {
    if (!row.problem.empty()) return 1;
  }
  return 0;
}
