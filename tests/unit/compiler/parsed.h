// A text that has been lexed and parsed.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/lex/lexer.h"
#include "compiler/parse/parser.h"

namespace batonc::testing {

struct Parsed {
  explicit Parsed(std::string text, std::string path = "test.idl")
      : source(FileId{0}, std::move(path), std::move(text)) {
    tree = Parse(Lex(source, diagnostics), diagnostics);
  }

  std::vector<int> Problems() const {
    std::vector<int> numbers;
    for (const Diagnostic& one : diagnostics.Sorted()) numbers.push_back(one.number);
    return numbers;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const DeclarationSyntax& one : tree.declarations) names.push_back(one.name.text);
    return names;
  }
  template <class T>
  const T& Only() const {
    REQUIRE(tree.declarations.size() == 1);
    return std::get<T>(tree.declarations[0].what);
  }

  SourceFile source;
  Diagnostics diagnostics;
  SyntaxTree tree;
};

}  // namespace batonc::testing
