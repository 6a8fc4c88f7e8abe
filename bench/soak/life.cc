#include "bench/soak/life.h"

#include <baton/base/error.h>

namespace soak {

using baton::Errc;

bool Life::Excuses(std::error_code error) {
  if (error == Errc::kWouldBlock) {
    ++counts().blocked;
    return true;
  }
  return is_doomed() && (error == baton::Cause::kPeerGone || error == Errc::kClosed);
}

Asked::Asked(std::shared_ptr<Life> life, const char* what) : life_(std::move(life)), what_(what) {
  ++life_->open;
  ++life_->counts().questions;
}

Asked::~Asked() {
  if (completions_ == 0) life_->Fail(std::string("the completion of ") + what_ + " was lost");
  --life_->open;
  life_->OnChange();
}

void Asked::Complete() {
  if (++completions_ > 1) life_->Fail(std::string(what_) + " has completed twice");
}

void Asked::Judge(std::error_code error) {
  if (!life_->Excuses(error)) life_->FailBecause(what_, error);
}

}  // namespace soak
