#include <baton/platform/object_label.h>

#include <sys/xattr.h>

#include <string>

namespace baton::platform {

bool LabelObject(const Handle& object, std::string_view key, std::string_view value) {
  constexpr std::size_t kMostKey = 32;
  constexpr std::size_t kMostValue = 200;
  const std::string name = "user.baton." + std::string(key.substr(0, kMostKey));
  const std::string_view cut = value.substr(0, kMostValue);
  // Not by Syscall: no failure of it is anybody's.
  return ::fsetxattr(object.get(), name.c_str(), cut.data(), cut.size(), 0) == 0;
}

}  // namespace baton::platform
