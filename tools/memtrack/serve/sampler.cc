#include "tools/memtrack/serve/sampler.h"

#include <utility>

namespace memtrack {

using baton::Result;

Result<void> Sampler::Look() {
  data_ = nullptr;
  metrics_text_ = nullptr;
  auto pass = watch_();
  if (!pass) {
    ++state_.failures;
    state_.failure = pass.error().message();
    return baton::Fail(pass.error());
  }
  ++state_.passes;
  state_.failure.clear();
  pass_ = *std::move(pass);
  history_.Add(pass_->last());
  return {};
}

Text Sampler::Data() {
  if (!data_) data_ = std::make_shared<const std::string>(PageData(*pass_, history_, state_));
  return data_;
}

Text Sampler::MetricsText() {
  if (!metrics_text_) {
    metrics_text_ = std::make_shared<const std::string>(metrics_.TextOf(*pass_, state_));
  }
  return metrics_text_;
}

}  // namespace memtrack
