// Which messages somebody wants to see: `PCompositor:*,-PCompositor:Frame`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <baton/base/result.h>

namespace baton::internal {

// A list of `[-]PROTOCOL[:MESSAGE]`, separated by commas, blanks around them ignored. A `*` stands
// for any characters, also none. PROTOCOL is the full name, `samples::PDecoder`, or the last part
// of it; without MESSAGE all of its messages are meant.
//
// A message is selected when a pattern fits it, and none with a minus does; the order is of no
// importance. A list of nothing but minuses selects all others.
class MessagePatterns {
 public:
  // Errc::kInvalidValue for a list without a pattern, and for a pattern without a protocol or with
  // nothing behind its colon.
  static Result<MessagePatterns> Parse(std::string_view text);

  // `message`: its full name, "samples::PDecoder::Decode".
  bool Select(std::string_view message) const;

  // Whether some message of this protocol may be selected.
  bool SelectProtocol(std::string_view protocol) const;

 private:
  struct Pattern {
    std::string protocol;
    std::string message;
  };

  static Result<Pattern> ParseOne(std::string_view text);
  static bool FitsProtocol(const Pattern& pattern, std::string_view protocol);

  std::vector<Pattern> wanted_;
  std::vector<Pattern> unwanted_;
};

// Whether `text` is what `pattern` says, in which `*` stands for any characters. Time: at most the
// product of their lengths.
bool FitsWildcards(std::string_view pattern, std::string_view text);

}  // namespace baton::internal
