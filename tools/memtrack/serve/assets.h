// The page and all its parts, as they were when memtrack was built.
#pragma once

#include <span>
#include <string_view>

namespace memtrack {

struct Asset {
  std::string_view name;
  std::string_view content_type;
  std::string_view content;
};

std::span<const Asset> Assets();

}  // namespace memtrack
