#include <baton/platform/apply_sandbox.h>

#include <seccomp.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

// libseccomp answers with a negative errno.
Result<void> Checked(int answer) {
  if (answer < 0) return FailWith(-answer);
  return {};
}

scmp_arg_cmp Comparison(const ArgumentCondition& condition) {
  const bool is_own_process = condition.kind == ArgumentCondition::Value::kOwnProcess;
  const auto value = is_own_process ? static_cast<std::uint64_t>(::getpid()) : condition.value;
  return {.arg = condition.index,
          .op = SCMP_CMP_MASKED_EQ,
          .datum_a = condition.mask,
          .datum_b = value};
}

Result<void> Add(const Filter& filter, const SystemCall& call) {
  std::vector<scmp_arg_cmp> comparisons;
  for (const ArgumentCondition& condition : call.conditions) {
    comparisons.push_back(Comparison(condition));
  }
  const std::uint32_t action = call.refuse_with == 0
                                   ? SCMP_ACT_ALLOW
                                   : SCMP_ACT_ERRNO(static_cast<std::uint32_t>(call.refuse_with));
  return Checked(seccomp_rule_add_array(filter.get(), action, call.number,
                                        static_cast<unsigned>(comparisons.size()),
                                        comparisons.data()));
}

bool LetsThrough(std::span<const SystemCall> calls, int number) {
  return std::ranges::any_of(calls, [&](const SystemCall& call) {
    return call.number == number && call.refuse_with == 0;
  });
}

}  // namespace

Result<void> ApplySandbox(std::span<const SystemCall> calls, SandboxViolation violation) {
  if (calls.empty()) return FailWith(EINVAL);
  const bool kills = violation == SandboxViolation::kKillProcess;
  const Filter filter(seccomp_init(kills ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_TRAP),
                      &seccomp_release);
  if (filter == nullptr) return FailWith(ENOMEM);
  BATON_CHECKED(
      Checked(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)));
  BATON_CHECKED(Checked(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1)));
  BATON_CHECKED(Checked(seccomp_attr_set(filter.get(), SCMP_FLTATR_API_SYSRAWRC, 1)));
  for (const SystemCall& call : calls) {
    if (call.number == __NR_SCMP_ERROR) return FailWith(EINVAL);
    if (call.number < 0) continue;  // libseccomp's number for what this architecture has not
    if (call.refuse_with != 0 && LetsThrough(calls, call.number)) continue;
    BATON_CHECKED(Add(filter, call));
  }
  return Checked(seccomp_load(filter.get()));
}

SystemCall SystemCallNamed(const std::string& name) {
  return {.number = seccomp_syscall_resolve_name(name.c_str()), .name = name};
}

std::string SystemCallName(int number) {
  const std::unique_ptr<char, decltype(&std::free)> name(
      seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number), &std::free);
  return name == nullptr ? "system call " + std::to_string(number) : name.get();
}

}  // namespace baton::platform
