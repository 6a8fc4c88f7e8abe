// What a listener gives to somebody so that it will know him: 128 random bits, good for one
// connection. A secret: whoever reads it can use it first.
//
//   const baton::AdmissionToken token = *listener.IssueToken();
//   Start("viewer", {"--token", token.text()});
//   ...
//   const auto token = baton::AdmissionToken::FromText(argv[2]);   // over there
//
// Arguments of a process can be read by every user of the machine, its environment by the same user
// only: prefer the environment, or an inherited file, where other users are to be kept out.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <baton/base/result.h>

namespace baton {

class AdmissionToken {
 public:
  using Bytes = std::array<std::byte, 16>;

  // Errors: those of the system's generator.
  static Result<AdmissionToken> Random();

  // The inverse of text(). Anything but 32 hexadecimal digits is Errc::kInvalidValue.
  static Result<AdmissionToken> FromText(std::string_view text);

  explicit AdmissionToken(const Bytes& bytes) : bytes_(bytes) {}

  // 32 lower-case hexadecimal digits.
  std::string text() const;
  const Bytes& bytes() const { return bytes_; }

  // Takes the same time whatever the bytes are.
  friend bool operator==(const AdmissionToken& one, const AdmissionToken& other);

 private:
  Bytes bytes_;
};

}  // namespace baton
