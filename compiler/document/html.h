// Pieces of HTML. What comes out is well-formed whatever goes in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// Text as HTML shows it: markup escaped, and what is not printable as U+FFFD. For attributes too.
std::string Escaped(std::string_view text);

// Paragraphs, split at empty lines; what stands between backticks is code.
std::string DocHtml(const Doc& doc);

struct PageText {
  std::string title;  // plain text
  std::string body;   // HTML
};

// A whole page with its style in it: nothing else is fetched.
std::string PageHtml(const PageText& page);

}  // namespace batonc
