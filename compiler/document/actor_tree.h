// Who manages whom, laid out to be drawn.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// One actor, in a row of its own; its depth is its column. The first managee stands in the row of
// its manager, the others below.
struct TreeNode {
  ProtocolId protocol{};
  std::size_t depth = 0;
  std::size_t row = 0;
  std::optional<std::size_t> manager;  // index of the node that it is drawn under
  bool is_repeated = false;  // stands under another manager as well, with all that it manages
};

struct ActorTree {
  std::vector<TreeNode> nodes;  // managers before their managees
  std::size_t rows = 0;
  std::vector<ProtocolId> alone;  // neither managed nor managing
};

// All protocols of the model but those of preludes, by name within one manager.
ActorTree LayOutActors(const Model& model);

}  // namespace batonc
