// The table that decoder prints, and the line that shows how far it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder.h"
#include "samples/decoder/thumbnail.h"

namespace samples {

// What a picture took. All bytes come from the counters of the channel (traffic_count.h).
struct Figures {
  Format format = Format::kUnknown;
  PictureSize size;
  std::chrono::duration<double, std::milli> decode_time{};
  std::uint64_t bytes_handed_over = 0;  // memory that changed hands, on the way to a thumbnail
  std::uint64_t bytes_copied = 0;       // pixels of the picture that came in no such memory
  std::uint64_t bytes_in_messages = 0;  // all that went through the socket for this file
};

struct Row {
  std::string file;
  std::string problem;  // why there is no thumbnail; empty if there is one
  Figures figures;      // if there is no problem
};

// The table with its heading, a line each; ends with a newline. Numbers are right-aligned.
std::string FormatTable(const std::vector<Row>& rows);

// "[3/18] name", made Printable, in at most so many columns.
std::string ProgressText(std::size_t number, std::size_t total, std::string_view name,
                         std::size_t columns);

// ProgressText on the terminal that standard error is; nothing at all if it is none.
class ProgressLine {
 public:
  explicit ProgressLine(std::size_t total);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();  // wipes it away

  void Show(std::size_t number, std::string_view name) const;

 private:
  const std::size_t total_;
  const bool is_terminal_;
};

}  // namespace samples
