#include <algorithm>
#include <string>
#include <vector>

#include "compiler/check/evaluate_value.h"
#include "compiler/check/passes.h"
#include "compiler/check/type_resolver.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

enum class State : std::uint8_t { kNew, kOpen, kDone };

bool CanBeConstant(const Type& type) {
  return std::holds_alternative<ErrorType>(type.kind) ||
         std::holds_alternative<Scalar>(type.kind) ||
         std::holds_alternative<StringType>(type.kind) || std::holds_alternative<EnumId>(type.kind);
}

// A constant names at most one other, so what must come first is a chain.
class ConstantEvaluator {
 public:
  explicit ConstantEvaluator(CheckContext& context)
      : context_(context),
        resolver_(context),
        states_(context.model.constants.size(), State::kNew) {
    context.ForEach<ConstantId>(
        [&](const DeclarationSyntax& syntax, Constant&) { syntaxes_.push_back(&syntax); });
  }

  void Run() {
    for (std::size_t i = 0; i < syntaxes_.size(); ++i) ResolveType(i);
    for (std::size_t i = 0; i < syntaxes_.size(); ++i) EvaluateChain(i);
  }

 private:
  const ConstantSyntax& Written(std::size_t i) const {
    return std::get<ConstantSyntax>(syntaxes_[i]->what);
  }

  void ResolveType(std::size_t i) {
    Constant& constant = context_.model.constants[i];
    constant.type = resolver_.Resolve(Written(i).type);
    if (CanBeConstant(constant.type)) return;
    context_.Report(kNotConstantType, constant.type.span,
                    context_.sources.Text(constant.type.span));
    constant.type.kind = ErrorType{};
  }

  // The constant by which this one is defined.
  const ConstantId* Next(std::size_t i) const {
    const auto* name = std::get_if<Name>(&Written(i).value.what);
    if (name == nullptr) return nullptr;
    const Symbol* symbol = context_.Find(name->span.file, name->text);
    return symbol == nullptr ? nullptr : std::get_if<ConstantId>(&symbol->what);
  }

  void EvaluateChain(std::size_t first) {
    std::vector<std::size_t> chain;
    std::size_t at = first;
    while (states_[at] == State::kNew) {
      states_[at] = State::kOpen;
      chain.push_back(at);
      const ConstantId* next = Next(at);
      if (next == nullptr) break;
      at = static_cast<std::size_t>(*next);
      if (states_[at] == State::kOpen) ReportCircle(chain, at);
    }
    for (; !chain.empty(); chain.pop_back()) {
      Evaluate(chain.back());
      states_[chain.back()] = State::kDone;
    }
  }

  void ReportCircle(const std::vector<std::size_t>& chain, std::size_t start) {
    const auto begin = std::ranges::find(chain, start);
    const std::size_t smallest = *std::min_element(begin, chain.end());
    Constant& constant = context_.model.constants[smallest];
    context_.Report(kConstantCircle, constant.name_span, constant.name);
    for (auto at = begin; at != chain.end(); ++at) {
      context_.model.constants[*at].type.kind = ErrorType{};
    }
  }

  void Evaluate(std::size_t i) {
    Constant& constant = context_.model.constants[i];
    const auto value = EvaluateValue(context_, Written(i).value, constant.type,
                                     Quoted(context_, constant.type.span));
    if (value) {
      constant.value = *value;
    } else {
      constant.type.kind = ErrorType{};  // no more words about it where it is used
    }
  }

  CheckContext& context_;
  TypeResolver resolver_;
  std::vector<const DeclarationSyntax*> syntaxes_;  // by ConstantId
  std::vector<State> states_;
};

}  // namespace

void EvaluateConstants(CheckContext& context) {
  ConstantEvaluator(context).Run();
}

}  // namespace batonc
