#include "runtime/meeting/half_open.h"

#include <map>

namespace baton::internal {

HalfOpenList::const_iterator ChooseDisplaced(const HalfOpenList& list) {
  std::map<int, std::size_t> connections_of;
  for (const auto& connection : list) ++connections_of[connection->peer.identity.pid];
  auto chosen = list.begin();
  std::size_t most = 0;
  for (auto it = list.begin(); it != list.end(); ++it) {
    const std::size_t connections = connections_of[(*it)->peer.identity.pid];
    if (connections <= most) continue;
    most = connections;
    chosen = it;
  }
  return chosen;
}

}  // namespace baton::internal
