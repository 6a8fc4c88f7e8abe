// decoder FILES...: thumbnails of pictures that nobody should decode in his own process.
//
// Exit code 0: a thumbnail for every file. 1: some files have none, and the table says why.
// 2: nothing was tried.
#include <cstdio>
#include <string>
#include <system_error>

#include "samples/decoder/gallery.h"
#include "samples/decoder/options.h"
#include "samples/decoder/terminal_text.h"

namespace {

constexpr int kNothingTried = 2;

int Complain(const std::string& about, std::error_code error) {
  std::fprintf(stderr, "decoder: %s: %s\n", samples::Printable(about).c_str(),
               error.message().c_str());
  return kNothingTried;
}

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
  if (!folder) return Complain(options->out.string(), folder.error());
  const auto rows = samples::MakeThumbnails(options->inputs, *folder, options->decoder);
  if (!rows) return Complain(options->decoder.program, rows.error());
  if (!Print(samples::FormatTable(*rows))) {
    std::perror("decoder: standard output");
    return 1;
  }
  for (const samples::Row& row : *rows) {
    if (!row.problem.empty()) return 1;
  }
  return 0;
}
