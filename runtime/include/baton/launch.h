// Starting a child process that has one end of a channel, and finding that end in the child.
//
//   auto launched = baton::Launch<PHelloParent>({.program = "/usr/lib/hello/hello_child"});
//   ...
//   auto endpoint = baton::InheritedEndpoint<PHelloChild>();   // in the child
#pragma once

#include <utility>

#include <baton/base/result.h>
#include <baton/endpoint.h>
#include <baton/platform/process.h>

namespace baton {

using platform::LaunchOptions;
using platform::Process;

// A child and our end of the channel to it. The child is killed when `process` goes away, whatever
// it was still doing: Close() the actor and process.Wait(...) to let it end by itself.
template <class Parent>
struct Launched {
  Process process;
  Endpoint<Parent> endpoint;
};

namespace internal {

struct LaunchedParts {
  Process process;
  EndpointParts endpoint;
};

Result<LaunchedParts> LaunchParts(const LaunchOptions& options);
Result<EndpointParts> TakeInheritedParts();
EndpointParts InheritedParts(platform::Handle socket);

}  // namespace internal

// Starts the program afresh (never a bare fork) with the other end of a new channel and nothing
// else of ours but standard input, output and error. The program itself has to use that end, by
// InheritedEndpoint: another process that introduces itself there, such as one that the program has
// started in turn, ends the channel with Rule::kIdentity. Errors: those of the system.
template <class Parent>
Result<Launched<Parent>> Launch(const LaunchOptions& options) {
  static_assert(Parent::kSide == Side::kParent, "Launch takes the parent's class, PFooParent");
  BATON_TRY(auto parts, internal::LaunchParts(options));
  return Launched<Parent>{std::move(parts.process), Endpoint<Parent>(std::move(parts.endpoint))};
}

// The end of the channel that this process was launched with; once. Errc::kNoEndpoint when it was
// started some other way. What is sent through it leaves when the parent has introduced itself.
// Since then the parent's death is noticed, whoever else holds its socket.
template <class Child>
Result<Endpoint<Child>> InheritedEndpoint() {
  static_assert(Child::kSide == Side::kChild,
                "InheritedEndpoint takes the child's class, PFooChild");
  BATON_TRY(auto parts, internal::TakeInheritedParts());
  return Endpoint<Child>(std::move(parts));
}

}  // namespace baton
