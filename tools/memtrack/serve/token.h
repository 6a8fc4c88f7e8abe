// What a request has to know: whoever was not told the URL learns nothing.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <baton/base/result.h>

namespace memtrack {

class Token {
 public:
  // 128 random bits. Errors: the system's.
  static baton::Result<Token> Make();

  explicit Token(std::string text) : text_(std::move(text)) {}

  // Takes as long for a text that is right at first as for one that is wrong at once.
  bool Is(std::string_view said) const;

  const std::string& text() const { return text_; }  // hexadecimal digits

 private:
  std::string text_;
};

}  // namespace memtrack
