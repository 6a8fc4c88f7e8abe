// What a reader of one message notes when it refuses it, on its way out: the rule, and for people
// where it lies and what was seen there (refusal.h). Everything here returns false.
#pragma once

#include <cstddef>
#include <string>

#include <baton/base/error.h>

#include "runtime/wire/refusal.h"

namespace baton::wire {

class Refusing {
 protected:
  bool Refuse(Rule rule) {
    rule_ = rule;
    return false;
  }

  // With what was seen: `words()` makes the text.
  template <class Words>
  [[gnu::noinline]] bool Refuse(Rule rule, Words words) {
    refused_ = words();
    refused_.insert(0, ": ");
    return Refuse(rule);
  }

  // What was refused lies in the field `name`, or in the element `n`.
  [[gnu::noinline]] bool RefusedIn(const char* name) {
    Put(name, refused_);
    return false;
  }
  [[gnu::noinline]] bool RefusedAt(std::size_t n) {
    Put(n, refused_);
    return false;
  }

  Rule rule_ = Rule::kMalformed;
  std::string refused_;
};

}  // namespace baton::wire
