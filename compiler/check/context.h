// What every pass of Check works on.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/check/model.h"
#include "compiler/check/scope.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/parse/syntax.h"
#include "compiler/source/source_map.h"

namespace batonc {

struct CheckContext {
  const SourceMap& sources;
  const std::vector<SyntaxTree>& trees;
  const CheckOptions& options;
  Model& model;
  Diagnostics& diagnostics;
  Scopes scopes;

  bool IsIpdl(FileId file) const { return model.file(file).dialect == Dialect::kIpdl; }

  // As severe as the problem is in the dialect of the file that `span` lies in.
  template <class... Arguments>
  Diagnostic& Report(const Problem<Arguments...>& problem, Span span,
                     const std::type_identity_t<Arguments>&... arguments) {
    const Severity severity = IsIpdl(span.file) ? problem.in_ipdl : problem.severity;
    return diagnostics.ReportAs(severity, problem, span, arguments...);
  }

  // What `name` means in `file`: its own declaration, else that of an include, else that of a
  // prelude, else null.
  const Symbol* Find(FileId file, std::string_view name) const {
    if (const Symbol* symbol = scopes.Find(file, name)) return symbol;
    for (const Symbol& symbol : scopes.All(name)) {
      const Prelude prelude = PreludeOf(symbol.file());
      if (prelude == Prelude::kGiven || (prelude == Prelude::kImplied && IsIpdl(file))) {
        return &symbol;
      }
    }
    return nullptr;
  }

  Prelude PreludeOf(FileId file) const { return trees[static_cast<std::size_t>(file)].prelude; }

  // `visit(syntax, declaration)` for each declaration of the kind that `Id` is of, in order.
  template <class Id, class Visit>
  void ForEach(Visit visit) {
    for (const Declared& declared : scopes.declared) {
      if (const auto* id = std::get_if<Id>(&declared.id)) visit(*declared.syntax, At(*id));
    }
  }

  Enum& At(EnumId id) { return model.enums[static_cast<std::size_t>(id)]; }
  Struct& At(StructId id) { return model.structs[static_cast<std::size_t>(id)]; }
  Union& At(UnionId id) { return model.unions[static_cast<std::size_t>(id)]; }
  Protocol& At(ProtocolId id) { return model.protocols[static_cast<std::size_t>(id)]; }
  External& At(ExternalId id) { return model.externals[static_cast<std::size_t>(id)]; }
  Constant& At(ConstantId id) { return model.constants[static_cast<std::size_t>(id)]; }
};

}  // namespace batonc
