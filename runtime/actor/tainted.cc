#include <baton/tainted.h>

#include <utility>

namespace baton::internal {
namespace {

thread_local const char* invalid = nullptr;

}  // namespace

void NoteInvalid(const char* parameter) noexcept {
  invalid = parameter;
}

const char* TakeInvalid() noexcept {
  return std::exchange(invalid, nullptr);
}

}  // namespace baton::internal
