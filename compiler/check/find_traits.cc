#include <string>
#include <utility>
#include <vector>

#include "compiler/check/compounds.h"
#include "compiler/check/graph.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

bool Same(const TypeTraits& a, const TypeTraits& b) {
  return a.is_sent_once == b.is_sent_once && a.is_copyable == b.is_copyable &&
         a.is_comparable == b.is_comparable && a.has_actors == b.has_actors;
}

void Add(TypeTraits& to, const TypeTraits& part) {
  to.is_sent_once = to.is_sent_once || part.is_sent_once;
  to.is_copyable = to.is_copyable && part.is_copyable;
  to.is_comparable = to.is_comparable && part.is_comparable;
  to.has_actors = to.has_actors || part.has_actors;
}

// A `using` type may have an `==`; whoever says `Comparable` promises that it has.
bool IsNeverComparable(const Type& innermost) {
  return std::holds_alternative<MemoryType>(innermost.kind) ||
         std::holds_alternative<SliceType>(innermost.kind) ||
         std::holds_alternative<FileDescriptorType>(innermost.kind) ||
         std::holds_alternative<EndpointType>(innermost.kind);
}

class TraitFinder {
 public:
  explicit TraitFinder(CheckContext& context)
      : context_(context), compounds_(context.model), users_(compounds_.size()) {}

  void Run() {
    Spread();
    for (Struct& structure : context_.model.structs) CheckResource("struct", structure);
    for (Union& one : context_.model.unions) CheckResource("union", one);
    for (std::size_t node = 0; node < compounds_.size(); ++node) CheckComparable(node);
  }

 private:
  TypeTraits& TraitsAt(std::size_t node) {
    Model& model = context_.model;
    if (compounds_.IsStruct(node)) return model.structs[node].traits;
    return model.unions[node - model.structs.size()].traits;
  }

  // Each of the four traits changes at most once, so no node is looked at more than five times.
  void Spread() {
    std::vector<std::size_t> changed;
    for (std::size_t node = 0; node < compounds_.size(); ++node) {
      TypeTraits& traits = TraitsAt(node);
      compounds_.ForEachPart(node, [&](const Type& type, const std::string&) {
        if (const auto part = compounds_.NodeOf(Innermost(type))) users_[*part].push_back(node);
        Add(traits, TraitsOf(context_.model, type));
      });
      if (!Same(traits, {})) changed.push_back(node);
    }
    while (!changed.empty()) {
      const TypeTraits traits = TraitsAt(changed.back());
      const std::vector<std::size_t>& users = users_[changed.back()];
      changed.pop_back();
      for (const std::size_t user : users) {
        const TypeTraits before = TraitsAt(user);
        Add(TraitsAt(user), traits);
        if (!Same(before, TraitsAt(user))) changed.push_back(user);
      }
    }
  }

  template <class T>
  void CheckResource(std::string_view kind, T& compound) {
    if (compound.is_resource == compound.traits.is_sent_once) return;
    const Span keyword = WordBefore(compound.name_span, kind);
    if (compound.is_resource) {
      const Span word = WordBefore(keyword, "resource");
      context_.Report(kNeedlessResource, compound.name_span, kind, compound.name)
          .Suggest({word.file, word.begin, keyword.begin}, "");
      return;
    }
    if (context_.IsIpdl(compound.file)) {
      compound.is_resource = true;  // there is no such word there
      return;
    }
    Diagnostic& problem =
        context_.Report(kNotDeclaredResource, compound.name_span, kind, compound.name);
    problem.Suggest({keyword.file, keyword.begin, keyword.begin}, "resource ");
    if (const Type* carrier = CarrierIn(compound)) {
      problem.Because(kCarriedBy, carrier->span, context_.sources.Text(carrier->span));
    }
  }

  const Type* CarrierIn(const Struct& structure) const {
    for (const Field& field : structure.fields) {
      if (CarriesMemory(context_.model, field.type)) return &field.type;
    }
    return nullptr;
  }
  const Type* CarrierIn(const Union& one) const {
    for (const UnionMember& member : one.members) {
      if (CarriesMemory(context_.model, member.type)) return &member.type;
    }
    return nullptr;
  }

  // The last `word` before `span`.
  Span WordBefore(Span span, std::string_view word) const {
    const std::size_t at =
        context_.sources.file(span.file).text().substr(0, span.begin).rfind(word);
    if (at == std::string_view::npos) return {span.file, span.begin, span.begin};
    const auto begin = static_cast<std::uint32_t>(at);
    return {span.file, begin, begin + static_cast<std::uint32_t>(word.size())};
  }

  void CheckComparable(std::size_t node) {
    const bool wants = compounds_.IsStruct(node) ? compounds_.StructAt(node).wants_comparison
                                                 : compounds_.UnionAt(node).wants_comparison;
    if (!wants) return;
    bool is_reported = false;
    compounds_.ForEachPart(node, [&](const Type& type, const std::string&) {
      if (is_reported || !IsNeverComparable(Innermost(type))) return;
      is_reported = true;
      context_.Report(kNotComparable, type.span, compounds_.HeadOf(node).name,
                      context_.sources.Text(type.span));
    });
  }

  CheckContext& context_;
  Compounds compounds_;
  Graph users_;
};

}  // namespace

void FindTraits(CheckContext& context) {
  TraitFinder(context).Run();
}

}  // namespace batonc
