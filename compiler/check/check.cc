#include "compiler/check/check.h"

#include "compiler/check/passes.h"

namespace batonc {

Model Check(const SourceMap& sources, const std::vector<SyntaxTree>& trees,
            const CheckOptions& options, Diagnostics& diagnostics) {
  Model model;
  CheckContext context{sources, trees, options, model, diagnostics, Scopes(trees.size())};
  DeclareNames(context);
  CheckRedeclarations(context);
  EvaluateEnums(context);
  EvaluateConstants(context);
  ResolveTypes(context);
  ApplyAttributes(context);
  EvaluateFields(context);
  CheckRecursion(context);
  FindTraits(context);
  CheckUnions(context);
  CheckHeaders(context);
  CheckFieldCounts(context);
  CheckMemberNames(context);
  CheckReservedNames(context);
  CheckGeneratedNames(context);
  CheckFiles(context);
  CheckManagers(context);
  CheckMessages(context);
  CheckMessageAttributes(context);
  CheckSyncReasons(context);
  CheckSyncCircles(context);
  FindVersions(context);
  CheckUnused(context);
  return model;
}

}  // namespace batonc
