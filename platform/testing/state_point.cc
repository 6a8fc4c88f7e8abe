#include <baton/platform/state_point.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string>

#include <baton/base/check.h>
#include <baton/platform/handle.h>

namespace baton::platform {
namespace {

constexpr long kNever = -1;

// What the environment says. Read once: programs change theirs.
struct Plan {
  long die_at = kNever;
  long stall_at = kNever;
  std::string from;  // empty: count from the first
  std::string list;  // a file; empty: none

  bool is_made() const { return die_at != kNever || stall_at != kNever || !list.empty(); }
};

std::string TextOf(const char* variable) {
  const char* const text = ::getenv(variable);
  return text == nullptr ? "" : text;
}

// A number that is none would test nothing.
long NumberOf(const char* variable) {
  const std::string text = TextOf(variable);
  if (text.empty()) return kNever;
  long number = kNever;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  BATON_CHECK(error == std::errc() && end == text.data() + text.size() && number >= 0);
  return number;
}

// Never destroyed: what runs after main has points, too.
const Plan& ThePlan() {
  static const Plan* const plan =
      new Plan{NumberOf("BATON_DIE_AT"), NumberOf("BATON_STALL_AT"), TextOf("BATON_POINTS_FROM"),
               TextOf("BATON_COUNT_POINTS")};
  return *plan;
}

std::atomic<bool> has_begun{false};
std::atomic<long> passed{0};

// Opened each time: a file that stays open would be one more that nobody knows of.
void AppendTo(const std::string& path, std::string line) {
  const Handle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  BATON_CHECK(file);
  line += '\n';
  BATON_CHECK(::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()));
}

}  // namespace

void StatePoint(const char* name) {
  const Plan& plan = ThePlan();
  if (!plan.is_made()) return;
  if (!has_begun.load(std::memory_order_relaxed)) {
    if (!plan.from.empty() && plan.from != name) return;
    has_begun.store(true, std::memory_order_relaxed);
  }
  const int error = errno;
  const long number = passed.fetch_add(1, std::memory_order_relaxed);
  if (!plan.list.empty()) AppendTo(plan.list, name);
  if (number == plan.die_at) (void)::raise(SIGKILL);
  if (number == plan.stall_at) (void)::raise(SIGSTOP);
  errno = error;
}

}  // namespace baton::platform
