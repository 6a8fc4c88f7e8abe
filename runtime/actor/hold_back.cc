#include <baton/actor.h>
#include <baton/hold_back.h>

#include "runtime/channel/channel.h"

namespace baton {

HoldBack::HoldBack(Actor& actor) : channel_(actor.channel_) {
  if (channel_ != nullptr) channel_->HoldBack();
}

HoldBack::~HoldBack() {
  if (channel_ != nullptr) channel_->LetGo();
}

}  // namespace baton
