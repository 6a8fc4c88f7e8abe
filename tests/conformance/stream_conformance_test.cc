#include "tests/conformance/stream_conformance.h"

#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

TEMPLATE_TEST_CASE("A stream keeps its promises", "[channel]", OverSocket, WithinProcess,
                   Flaky<OverSocket>, Flaky<WithinProcess>) {
  const Guarded guarded;
  CheckStreamPromises<TestType>();
}

}  // namespace
}  // namespace baton::testing
