// A question is answered by who was asked, and a side has its own messages.
#include <optional>
#include <string>
#include <utility>

#include "echoChild.h"

namespace testing {

class LateChild : public PEchoChild {
 public:
  baton::Result<void> Report() {
#ifdef SEND_WHAT_THE_OTHER_SIDE_SENDS  // EXPECT: no member named 'SendCount'
    BATON_CHECKED(this->SendCount(1));
#endif
    return SendCounted(1);
  }

 protected:
#ifdef FORGET_THE_REPLIER  // EXPECT: RecvDrop.*'override'|'override'.* hides
  void RecvDrop() override {}
#endif

  void RecvIgnore(IgnoreReplier reply) override {
#ifdef KEEP_A_COPY_OF_A_REPLIER  // EXPECT: deleted .*Replier<bool>
    IgnoreReplier copy = reply;
#endif
#ifdef ANSWER_A_BOOL_WITH_TEXT  // EXPECT: deleted function .*operator
    reply("text");
#endif
#ifdef ANSWER_A_BOOL_WITH_A_POINTER  // EXPECT: deleted function .*operator
    reply(this);
#endif
    if (reply_) return reply(true);
    reply_.emplace(std::move(reply));
  }

 private:
  std::optional<IgnoreReplier> reply_;
};

}  // namespace testing
