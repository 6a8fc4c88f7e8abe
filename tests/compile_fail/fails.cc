// An answer that may fail is one of two things, and says which.
#include <utility>

#include "callsChild.h"

namespace calls {

class Answers : public PCallsChild {
 protected:
  void RecvRead(bool fails, ReadReplier reply) override {
#ifdef ANSWER_WITH_THE_ERROR  // EXPECT: no match.* for call to .*ReadReplier
    return reply(Wrong{"gone", 1});
#endif
#ifdef FAIL_WITH_THE_ANSWER  // EXPECT: ReadAnswer.* to 'calls::Wrong'
    return reply.Fail(ReadAnswer{});
#endif
    if (fails) return reply.Fail({"gone", 1});
    reply({{}, true});
  }

  void RecvDrop(DropReplier reply) override {
#ifdef ANSWER_A_BOOL_WITH_TEXT  // EXPECT: deleted function .*operator
    return reply("text");
#endif
    reply(true);
  }

  void RecvOpen(bool fails, OpenReplier reply) override {
#ifdef FAIL_WITH_ANOTHER_ENUM  // EXPECT: ShmemState' to 'calls::T|calls::Trouble' with .*ShmemState
    return reply.Fail(baton::ShmemState::kOwned);
#endif
#ifdef KEEP_A_COPY_OF_A_REPLIER  // EXPECT: deleted .*FallibleReplier<baton::platform::Handle
    const OpenReplier copy = reply;
#endif
    fails ? reply.Fail(Trouble::kBusy) : reply(baton::FileDescriptor());
  }
};

}  // namespace calls
