#include "runtime/wire/value_path.h"

#include <cstddef>
#include <utility>

#include "runtime/wire/mapping.h"
#include "runtime/wire/refusal.h"

namespace baton::wire {
namespace {

// Each says whether the wanted value is, or lies in, the given one, and adds to the path on the way
// back.
class PathFinder {
 public:
  explicit PathFinder(const void* wanted) : wanted_(wanted) {}

  // `value_of(row)` is where the row's value is.
  template <class ValueOf>
  bool Rows(const Table& table, ValueOf value_of) {
    for (const Row& row : table.rows) {
      if (!IsIn(*row.type, value_of(row))) continue;
      Put(row.name, path);
      return true;
    }
    return false;
  }

  std::string path;

 private:
  bool IsIn(const Type& type, const void* value) {
    if (value == nullptr) return false;
    switch (type.kind) {
      case Kind::kStruct:
        return Rows(*type.table, [value](const Row& row) {
          return static_cast<const std::byte*>(value) + row.offset;
        });
      case Kind::kOptional:
      case Kind::kUniquePtr: return IsIn(*type.element, type.optional->get(value));
      case Kind::kUnion: return IsInUnion(*type.alternatives, value);
      case Kind::kArray:
        if (type.array->at == nullptr) return false;
        return IsInElements(*type.element, type.array->size(value),
                            [&](std::size_t n) { return type.array->at(value, n); });
      case Kind::kFixedArray:
        return IsInElements(*type.element, type.count, [&](std::size_t n) -> const void* {
          return static_cast<const std::byte*>(value) + n * StrideOf(type);
        });
      case Kind::kMap: return IsInMap(type, value);
      default: return value == wanted_;
    }
  }

  bool IsInUnion(const Union& type, const void* value) {
    const std::size_t index = type.operations->index(value);
    if (index >= type.alternatives.size()) return false;
    const Alternative& alternative = type.alternatives[index];
    if (!IsIn(*alternative.type, type.operations->get(value))) return false;
    Put(alternative.name, path);
    return true;
  }

  template <class At>
  bool IsInElements(const Type& element, std::size_t size, At at) {
    for (std::size_t n = 0; n < size; ++n) {
      if (!IsIn(element, at(n))) continue;
      Put(n, path);
      return true;
    }
    return false;
  }

  bool IsInMap(const Type& type, const void* value) {
    struct Entries {
      PathFinder& finder;
      const Type& type;
      std::size_t number = 0;
      bool is_found = false;
    } entries = {*this, *type.element};
    type.map->each(value, &entries, [](void* context, const void*, const void* mapped) {
      auto& [finder, element, number, is_found] = *static_cast<Entries*>(context);
      is_found = finder.IsIn(element, mapped);
      if (is_found) Put(number, finder.path);
      ++number;
      return !is_found;
    });
    return entries.is_found;
  }

  const void* const wanted_;
};

}  // namespace

std::string PathOf(const Table& table, std::span<void* const> values, const void* wanted) {
  PathFinder finder(wanted);
  const Row* const first = table.rows.data();
  finder.Rows(table, [&](const Row& row) -> const void* { return values[&row - first]; });
  return std::move(finder.path);
}

}  // namespace baton::wire
