#include "runtime/meeting/issued_tokens.h"

namespace baton::internal {

Result<AdmissionToken> IssuedTokens::Issue() {
  if (tokens_.size() >= most_) return Fail(Errc::kOverQuota);
  BATON_TRY(const AdmissionToken token, AdmissionToken::Random());
  tokens_.push_back(token);
  return token;
}

bool IssuedTokens::Take(const AdmissionToken& token) {
  std::size_t found = tokens_.size();
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i] == token) found = i;
  }
  if (found == tokens_.size()) return false;
  tokens_[found] = tokens_.back();
  tokens_.pop_back();
  return true;
}

}  // namespace baton::internal
