// The actor tree as a picture.
#pragma once

#include <functional>
#include <string>

#include "compiler/document/actor_tree.h"

namespace batonc {

// An <svg> element to stand in a page; `link` says where each actor leads. Empty without nodes.
std::string DrawTree(const Model& model, const ActorTree& tree,
                     const std::function<std::string(ProtocolId)>& link);

// All actors for Graphviz: `batonc graph camera.idl | dot -Tsvg`.
std::string DotGraph(const Model& model);

}  // namespace batonc
