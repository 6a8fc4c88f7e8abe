// Every side has classes of its own, and an actor is of one protocol.
#include <cstdint>
#include <memory>
#include <utility>

#include <baton/base/result.h>

#include "treeChild.h"
#include "treeParent.h"

namespace testing {

using baton::ManagedEndpoint;
using baton::Result;

class HalfPlain : public PPlainParent {};

class Plain : public PPlainParent {
  Result<void> RecvNote(std::uint32_t) override { return {}; }
};

std::shared_ptr<PPlainParent> MakePlain() {
#ifdef LEAVE_OUT_A_HANDLER  // EXPECT: abstract class type 'testing::HalfPlain'
  return std::shared_ptr<PPlainParent>(new HalfPlain());
#endif
  return std::shared_ptr<PPlainParent>(new Plain());
}

struct Actors {
  std::shared_ptr<PPlainParent> plain;
  std::shared_ptr<PTabParent> tab;
  std::shared_ptr<PTabChild> tab_child;
};

Result<void> Grow(PWindowParent& window, const Actors& actors) {
#ifdef CONSTRUCT_THE_OTHER_SIDE  // EXPECT: shared_ptr<testing::PTabChild>' to
  BATON_CHECKED(window.SendPTabConstructor(actors.tab_child, "", {}, {}, {}, {}));
#endif
#ifdef CONSTRUCT_ANOTHER_CLASS  // EXPECT: shared_ptr<testing::PPlainParent>' to
  BATON_CHECKED(window.SendPTabConstructor(actors.plain, "", {}, {}, {}, {}));
#endif
  return window.SendPTabConstructor(actors.tab, "", {}, {}, {}, {});
}

Result<void> Show(PWindowParent& window, const Actors& actors) {
#ifdef SEND_AN_ACTOR_OF_THE_OTHER_SIDE  // EXPECT: shared_ptr<testing::PTabChild>' to
  BATON_CHECKED(window.SendShow(actors.tab_child, nullptr));
#endif
  return window.SendShow(actors.tab, nullptr);
}

Choice Choose(const Actors& actors) {
  Choice choice;
#ifdef PUT_ANOTHER_CLASS_INTO_A_STRUCT  // EXPECT: 'operator=' .*PPlainParent|overloaded '='
  choice.tab = actors.plain;
#endif
  choice.tab = actors.tab;
  return choice;
}

Result<void> Open(PWindowParent& window, const Actors& actors) {
  BATON_TRY(auto endpoint, window.OpenPTabEndpoint(actors.tab));
#ifdef SEND_A_COPY_OF_AN_ENDPOINT  // EXPECT: deleted .*ManagedEndpoint<testing::PTabChild>
  auto copy = endpoint;
#endif
#ifdef BIND_AN_ENDPOINT_OF_THE_OTHER_SIDE  // EXPECT: Endpoint<testing::PTabChild>'.* to
  BATON_CHECKED(window.BindPTabEndpoint(std::move(endpoint), actors.tab));
#endif
  return window.SendTake(std::move(endpoint), 1);
}

}  // namespace testing
