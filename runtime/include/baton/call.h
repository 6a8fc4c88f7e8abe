// Sending a message that has an answer; used by generated code. The body lives in <baton/async.h>,
// which whoever calls SendX with a completion token includes: it knows executors, this does not.
#pragma once

#include <initializer_list>
#include <span>

#include <baton/actor.h>

namespace baton {

// Sends at once, whatever the token: `values` are consumed before this returns. Completes with
// void(boost::system::error_code, Reply) on the token's associated executor, by default the
// actor's. When sending fails, every argument is untouched and the completion gets the reason.
template <class Reply, class Token>
auto SendCall(Actor& actor, const wire::Message& message, std::span<const void* const> values,
              Token&& token);
template <class Reply, class Token>
auto SendCall(Actor& actor, const wire::Message& message, std::initializer_list<const void*> values,
              Token&& token);

}  // namespace baton
