// Which generated headers include which. Files may include each other in a circle, headers cannot:
// where the types of several files need each other, one header declares all of them and the others
// include it.
#pragma once

#include <vector>

#include "compiler/check/model.h"

namespace batonc {

class Headers {
 public:
  // Once per run; in linear time.
  explicit Headers(const Model& model);

  // The files whose types are declared together with those of `file`, itself included; the first
  // one's header has them. The order does not depend on the command line.
  const std::vector<FileId>& Together(FileId file) const;

  // The files whose headers that of `file` includes. Of files that lead back to this one, only
  // those whose types are used.
  std::vector<FileId> IncludedBy(FileId file) const;

 private:
  const Model& model_;
  std::vector<std::vector<FileId>> needed_;    // by FileId: whose types it names
  std::vector<std::vector<FileId>> together_;  // groups
  std::vector<std::size_t> group_of_;          // by FileId
  std::vector<std::size_t> circle_of_;         // by FileId: equal for files that include each other
};

}  // namespace batonc
