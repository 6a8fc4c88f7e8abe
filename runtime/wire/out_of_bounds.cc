#include "runtime/wire/out_of_bounds.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <sstream>
#include <utility>

#include "runtime/wire/bounds.h"
#include "runtime/wire/mapping.h"
#include "runtime/wire/refusal.h"
#include "runtime/wire/scalar.h"

namespace baton::wire {
namespace {

template <class Number>
std::string Text(Number number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

// "70000 is over Max=16384"; `what` is the number, or what it counts.
template <class Number>
std::string Words(const std::string& what, Number number, const Bounds& bounds, Number min,
                  Number max) {
  if (bounds.has_min && number < min) return what + " is under Min=" + Text(min);
  if (bounds.has_max && number > max) return what + " is over Max=" + Text(max);
  return what + " is not within its bounds";
}

std::string LengthWords(const Bounds& bounds, std::uint64_t length) {
  return Words("a length of " + Text(length), length, bounds, bounds.min.unsigned_value,
               bounds.max.unsigned_value);
}

std::string NumberWords(const Bounds& bounds, Kind kind, const void* value) {
  if (kind == Kind::kFloat || kind == Kind::kDouble) {
    const double number = kind == Kind::kFloat ? LoadAs<float>(value) : LoadAs<double>(value);
    if (std::isnan(number)) return "it is no number";
    return Words(Text(number), number, bounds, bounds.min.real_value, bounds.max.real_value);
  }
  const std::int64_t number = LoadInteger(kind, value);
  const bool is_signed =
      kind == Kind::kInt8 || kind == Kind::kInt16 || kind == Kind::kInt32 || kind == Kind::kInt64;
  if (is_signed) {
    return Words(Text(number), number, bounds, bounds.min.signed_value, bounds.max.signed_value);
  }
  const auto large = static_cast<std::uint64_t>(number);
  return Words(Text(large), large, bounds, bounds.min.unsigned_value, bounds.max.unsigned_value);
}

// Looks for the first value that is out of bounds, and puts its path together on the way back.
class Search {
 public:
  explicit Search(const Bounds& bounds) : bounds_(bounds), each_(bounds) {
    each_.max_count = ~std::uint64_t{0};  // only the outermost array or map is counted
  }

  OutOfBounds Run(const Type& type, const void* value) {
    if (const auto size = CountOf(type, value); size && *size > bounds_.max_count) {
      return {{}, Text(*size) + " elements are more than MaxCount=" + Text(bounds_.max_count)};
    }
    Visit(type, value);
    return std::move(found_);
  }

 private:
  static std::optional<std::uint64_t> CountOf(const Type& type, const void* value) {
    switch (type.kind) {
      case Kind::kArray: return type.array->size(value);
      case Kind::kFixedArray: return type.count;
      case Kind::kMap: return type.map->size(value);
      case Kind::kOptional:
      case Kind::kUniquePtr: {
        const void* const held = type.optional->get(value);
        return held == nullptr ? std::nullopt : CountOf(*type.element, held);
      }
      default: return std::nullopt;
    }
  }

  bool IsFine(const Type& type, const void* value) const { return IsWithin(each_, type, value); }

  void Visit(const Type& type, const void* value) {
    switch (type.kind) {
      case Kind::kString:
        found_.words = LengthWords(bounds_, static_cast<const std::string*>(value)->size());
        return;
      case Kind::kBytes:
        found_.words =
            LengthWords(bounds_, static_cast<const std::vector<std::byte>*>(value)->size());
        return;
      case Kind::kEnum:
        found_.words = NumberWords(bounds_, type.enumeration->underlying, value);
        return;
      case Kind::kOptional:
      case Kind::kUniquePtr: return Visit(*type.element, type.optional->get(value));
      case Kind::kArray:
        return VisitElements(*type.element, type.array->size(value),
                             [&](std::size_t n) { return type.array->at(value, n); });
      case Kind::kFixedArray:
        return VisitElements(*type.element, type.count, [&](std::size_t n) -> const void* {
          return static_cast<const std::byte*>(value) + n * StrideOf(type);
        });
      case Kind::kMap: return VisitEntries(type, value);
      default: found_.words = NumberWords(bounds_, type.kind, value);
    }
  }

  template <class At>
  void VisitElements(const Type& element, std::size_t size, At at) {
    for (std::size_t n = 0; n < size; ++n) {
      if (IsFine(element, at(n))) continue;
      Visit(element, at(n));
      return Put(n, found_.path);
    }
  }

  void VisitEntries(const Type& type, const void* value) {
    struct Entries {
      Search& search;
      const Type& type;
      std::size_t number = 0;
    } entries = {*this, *type.element};
    type.map->each(value, &entries, [](void* context, const void*, const void* mapped) {
      auto& [search, element, number] = *static_cast<Entries*>(context);
      const bool is_fine = search.IsFine(element, mapped);
      if (!is_fine) {
        search.Visit(element, mapped);
        Put(number, search.found_.path);
      }
      ++number;
      return is_fine;
    });
  }

  const Bounds& bounds_;
  Bounds each_;
  OutOfBounds found_;
};

}  // namespace

OutOfBounds FindOutOfBounds(const Bounds& bounds, const Type& type, const void* value) {
  return Search(bounds).Run(type, value);
}

}  // namespace baton::wire
