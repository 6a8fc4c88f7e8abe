// Names the places at which a process changes what it, its peer or the kernel may believe, so that
// tests can end or stop it at each of them.
//
//   platform::StatePoint("memory.revoked");
//
// The environment of a program says what happens. Its points are counted from 0:
//
//   BATON_DIE_AT=12             kills itself (SIGKILL) at point 12
//   BATON_STALL_AT=12           stops itself (SIGSTOP) there; SIGCONT lets it go on
//   BATON_POINTS_FROM=name      point 0 is the first that is called so, instead of the first
//   BATON_COUNT_POINTS=file     the name of each point that is counted is appended there, a line
//   each
//
// A child inherits the environment of who launches it. Exists in builds with BATON_FAULT_INJECTION
// (set by CMake, never for a release); elsewhere these calls are nothing, and so are the variables.
#pragma once

namespace baton::platform {

#ifdef BATON_FAULT_INJECTION

// `name` is a string literal: what has changed, or is about to. Any thread; where the environment
// names none of the above it costs one branch. Keeps errno.
void StatePoint(const char* name);

#else

constexpr void StatePoint(const char*) {}

#endif

}  // namespace baton::platform
