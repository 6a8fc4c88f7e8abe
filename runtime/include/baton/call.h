// Sending a message that has an answer; used by generated code. The body lives in <baton/async.h>,
// which whoever calls SendX with a completion token includes: it knows executors, this does not.
#pragma once

#include <initializer_list>

#include <baton/actor.h>

namespace baton {

// Sends at once, whatever the token: `values` are consumed before this returns. Completes with
// void(boost::system::error_code, Reply) on the token's associated executor, by default the
// actor's. When sending fails, every argument is untouched and the completion gets the reason.
// `deadline`: that of the message in std::chrono::microseconds, or nothing.
template <class Reply, class Token, class... Deadline>
auto SendCall(Actor& actor, const wire::Message& message, std::initializer_list<const void*> values,
              Token&& token, Deadline... deadline);

}  // namespace baton
