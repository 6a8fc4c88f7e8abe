#include "compiler/check/scope.h"

#include <algorithm>
#include <utility>

namespace batonc {

bool Scopes::Declare(std::string_view name, const Symbol& symbol) {
  std::vector<Symbol>& all = by_name_[name];
  if (!all.empty() && all.back().file() == symbol.file()) return false;
  all.push_back(symbol);
  return true;
}

void Scopes::Include(FileId file, std::vector<Import> imports, bool is_complete) {
  std::ranges::sort(imports, {}, &Import::file);
  imports_[static_cast<std::size_t>(file)] = std::move(imports);
  is_complete_[static_cast<std::size_t>(file)] = is_complete;
}

const std::vector<Symbol>& Scopes::All(std::string_view name) const {
  static const std::vector<Symbol> kNone;
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNone : found->second;
}

const Symbol* Scopes::FindOwn(FileId file, std::string_view name) const {
  const std::vector<Symbol>& all = All(name);
  const auto own = std::ranges::lower_bound(all, file, {}, &Symbol::file);
  return own != all.end() && own->file() == file ? &*own : nullptr;
}

const Import* Scopes::ImportOf(FileId includer, FileId included) const {
  const std::vector<Import>& imports = ImportsOf(includer);
  const auto import = std::ranges::lower_bound(imports, included, {}, &Import::file);
  return import != imports.end() && import->file == included ? &*import : nullptr;
}

// Walks the shorter of two lists: the files that declare the name, or those that are included.
const Symbol* Scopes::Find(FileId file, std::string_view name) const {
  const std::vector<Symbol>& all = All(name);
  if (all.empty()) return nullptr;
  if (const Symbol* own = FindOwn(file, name)) return own;
  const Symbol* first = nullptr;
  std::uint32_t first_order = 0;
  const auto consider = [&](const Import* import, const Symbol* symbol) {
    if (import == nullptr || symbol == nullptr || !Brings(*import, *symbol)) return;
    if (first != nullptr && first_order < import->order) return;
    first = symbol;
    first_order = import->order;
  };
  const std::vector<Import>& imports = ImportsOf(file);
  if (all.size() <= imports.size()) {
    for (const Symbol& symbol : all) consider(ImportOf(file, symbol.file()), &symbol);
  } else {
    for (const Import& import : imports) consider(&import, FindOwn(import.file, name));
  }
  return first;
}

std::string_view KindOf(const Declaration& declaration) {
  return std::visit(
      Overloaded{[](EnumId) { return "enum"; }, [](StructId) { return "struct"; },
                 [](UnionId) { return "union"; }, [](ProtocolId) { return "protocol"; },
                 [](ExternalId) { return "`using` type"; }, [](ConstantId) { return "constant"; }},
      declaration);
}

}  // namespace batonc
