#include "compiler/check/check.h"

#include "compiler/check/passes.h"

namespace batonc {

Model Check(const SourceMap& sources, const std::vector<SyntaxTree>& trees,
            Diagnostics& diagnostics) {
  Model model;
  const Scopes scopes = DeclareNames(sources, trees, model, diagnostics);
  ResolveTypes(sources, scopes, model, diagnostics);
  EvaluateEnums(scopes, model, diagnostics);
  CheckStructs(sources, model, diagnostics);
  CheckFieldCounts(model, diagnostics);
  CheckMemberNames(scopes, model, diagnostics);
  CheckReservedNames(trees, diagnostics);
  CheckGeneratedNames(scopes, model, diagnostics);
  CheckMessages(sources, scopes, model, diagnostics);
  return model;
}

}  // namespace batonc
