// From a type as it is written to what it is.
#pragma once

#include <optional>
#include <string>

#include "compiler/check/builtin_types.h"
#include "compiler/check/context.h"

namespace batonc {

class TypeResolver {
 public:
  explicit TypeResolver(CheckContext& context) : context_(context) {}

  // ErrorType when it cannot be resolved, which is reported. The counts of fixed arrays may be
  // constants, which must have their values already.
  Type Resolve(const TypeSyntax& syntax);

  // A use of Gecko's prelude that nobody asked for: the first in the order of paths.
  struct PreludeUse {
    std::string_view path;
    std::string name;
    Span span;
  };
  const std::optional<PreludeUse>& prelude_use() const { return prelude_use_; }

 private:
  Type::Kind ResolveKind(const TypeSyntax& syntax);
  Type::Kind ResolveName(const TypeSyntax& syntax);
  Type::Kind ResolveTemplate(const TypeSyntax& syntax);
  void ReportUnknownProtocol(const TypeSyntax& argument, const std::string& name);
  Type::Kind ResolveEndpoint(const TypeSyntax& syntax, bool is_managed);
  Type::Kind ResolveMemory(const TypeSyntax& syntax, MemoryType memory);
  Type::Kind ResolveFixedArray(const TypeSyntax& syntax, Type element);
  Type::Kind ResolveMap(const TypeSyntax& syntax);
  Type::Kind UseSymbol(const TypeSyntax& syntax, const Symbol& symbol);
  Type::Kind UseBuiltin(const TypeSyntax& syntax, const Builtin& builtin);
  const Symbol* Find(const TypeSyntax& syntax, const std::string& name);
  void NoteUse(const TypeSyntax& syntax, const Symbol& symbol);
  void ReportUnknown(const TypeSyntax& syntax);

  CheckContext& context_;
  std::optional<PreludeUse> prelude_use_;
  // Looking for what was meant compares with every visible name; after so many it is no help any
  // more.
  int suggestions_left_ = 100;
};

}  // namespace batonc
