#include "compiler/diff/absence.h"

#include <algorithm>

namespace batonc {
namespace {

bool TypeCanBeAbsent(const Model& model, const Type& type) {
  return std::visit(
      Overloaded{[](const MemoryType&) { return false; }, [](SliceType) { return false; },
                 [](FileDescriptorType) { return false; }, [](UnionId) { return false; },
                 [](ExternalType external) { return external.is_nullable; },
                 [](ActorType actor) { return actor.is_nullable; },
                 [](EndpointType) { return false; },
                 [&](StructId id) {
                   return std::ranges::all_of(model.structure(id).fields, [&](const Field& field) {
                     return CanBeAbsent(model, field);
                   });
                 },
                 [&](const FixedArrayOf& array) { return TypeCanBeAbsent(model, *array.element); },
                 [](const auto&) { return true; }},
      type.kind);
}

double AsNumber(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  const auto* integer = std::get_if<Integer>(&value);
  if (integer == nullptr) return 0;
  const auto magnitude = static_cast<double>(integer->magnitude);
  return integer->negative ? -magnitude : magnitude;
}

// What the bounds are about: a number itself, the length of text.
double WhenAbsent(const Field& field) {
  if (!field.default_value) return 0;
  const auto* text = std::get_if<std::string>(&*field.default_value);
  return text != nullptr ? static_cast<double>(text->size()) : AsNumber(*field.default_value);
}

bool IsBoundItself(const Type& type) {
  return std::holds_alternative<Scalar>(type.kind) ||
         std::holds_alternative<StringType>(type.kind) ||
         std::holds_alternative<BytesType>(type.kind);
}

}  // namespace

bool CanBeAbsent(const Model& model, const Field& field) {
  if (!TypeCanBeAbsent(model, field.type)) return false;
  if (!IsBoundItself(field.type)) return true;
  const double value = WhenAbsent(field);
  const Bounds& bounds = field.bounds;
  return (!bounds.min || value >= AsNumber(*bounds.min)) &&
         (!bounds.max || value <= AsNumber(*bounds.max));
}

}  // namespace batonc
