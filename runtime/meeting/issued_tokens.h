// The tokens that a listener has given out and that nobody has used yet.
#pragma once

#include <cstddef>
#include <vector>

#include <baton/admission_token.h>

namespace baton::internal {

class IssuedTokens {
 public:
  explicit IssuedTokens(std::size_t most) : most_(most) {}

  // Errors: Errc::kOverQuota when `most` are out; the system's.
  Result<AdmissionToken> Issue();

  // Forgets the token. False when it is none of ours, used, or revoked. Looks at all of them, so
  // the time says nothing about which one came near.
  bool Take(const AdmissionToken& token);

 private:
  const std::size_t most_;
  std::vector<AdmissionToken> tokens_;
};

}  // namespace baton::internal
