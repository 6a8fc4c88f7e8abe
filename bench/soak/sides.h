// What the two sides of PSoak are called, for what they have in common.
#pragma once

#include "soakChild.h"
#include "soakParent.h"

namespace soak {

struct ParentSide {
  using Soak = PSoakParent;
  using Task = PTaskParent;
};

struct ChildSide {
  using Soak = PSoakChild;
  using Task = PTaskChild;
};

}  // namespace soak
