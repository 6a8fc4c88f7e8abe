// Locks itself up by the list of an installed Baton, and says so.
#include <cstdio>

#include <baton/sandbox.h>

int main() {
  auto calls = baton::RequiredSyscalls(baton::SandboxRole::kChild);
  calls.push_back(baton::SystemCallNamed("ioctl"));  // standard output may be a terminal
  if (!baton::ApplySandbox(calls)) return 1;
  std::puts("locked up");
}
