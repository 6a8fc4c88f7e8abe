// What a peer says is looked at before it is used.
#include <cstdint>

#include <baton/base/result.h>
#include <baton/tainted.h>

#include "trustParent.h"

namespace testing {

using baton::Result;
using baton::Tainted;

#ifdef TAKE_IT_FOR_A_PLAIN_ONE  // EXPECT: RecvResize.*'override'|'override'.* hides
class Believer : public PGaugeParent {
  Result<void> RecvResize(std::uint32_t width) override { return SendResized(width); }
};
#endif

class Gauge final : public PGaugeParent {
  Result<void> RecvResize(Tainted<std::uint32_t> width_in) override {
    const auto is_small = [](std::uint32_t width) { return width < 100; };
#ifdef SEND_IT_ON  // EXPECT: Tainted<.* to '
    BATON_CHECKED(SendResized(width_in));
#endif
#ifdef COMPARE_IT  // EXPECT: operand.*Tainted<
    if (width_in < 100) return {};
#endif
#ifdef IGNORE_THE_VERDICT  // EXPECT: ignoring return.*nodiscard
    width_in.Validate(is_small);
#endif
    BATON_TRY(const auto width, width_in.Validate(is_small));
    return SendResized(width);
  }
};

}  // namespace testing
