// Baton in a process that is locked up: docs/sandbox.md.
//
//   auto endpoint = baton::InheritedEndpoint<PDecoderChild>();
//   BATON_CHECKED(baton::ApplySandbox(baton::RequiredSyscalls(baton::SandboxRole::kChild)));
//
// RequiredSyscalls is in Baton::baton. ApplySandbox is in Baton::baton_sandbox, which has to be
// linked as well.
#pragma once

#include <baton/platform/apply_sandbox.h>
#include <baton/platform/required_syscalls.h>

namespace baton {

using platform::ApplySandbox;
using platform::ArgumentCondition;
using platform::RequiredSyscalls;
using platform::SandboxNeeds;
using platform::SandboxRole;
using platform::SandboxViolation;
using platform::SyscallOwner;
using platform::SystemCall;
using platform::SystemCallName;
using platform::SystemCallNamed;

}  // namespace baton
