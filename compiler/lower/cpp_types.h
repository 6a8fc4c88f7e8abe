// How types of the language are written in C++, seen from some scope: names of its namespace are
// short, names of others, and names that it hides, are written in full from `::` on.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// Where a type is named.
struct CppScope {
  std::vector<std::string> namespace_path;
  std::unordered_set<std::string> hidden = {};  // what means something else there
};

// Where the replies and the classes of `protocol` are: generated names, and those that the classes
// inherit from baton::Actor, come before the user's there.
CppScope ScopeOf(const Protocol& protocol);

// "a::b"
std::string CppNamespace(const std::vector<std::string>& path);

// "Parent", "Child"
std::string_view NameOf(Side side);

class CppTypes {
 public:
  CppTypes(const Model& model, const CppScope& scope) : model_(model), scope_(scope) {}

  // "std::vector<Rect>". An actor, which is of one class on each side, is a value that may be of
  // either: "baton::ActorValue<PTabParent, PTabChild>".
  std::string Name(const Type& type) const;

  // The same as a parameter of its own, where an actor is "std::shared_ptr<PTabParent>".
  std::string ParameterName(const Type& type, Side side) const;

  // "PTabParent"
  std::string NameOfClass(ProtocolId id, Side side) const;

  // The baton::wire::Type that says how it travels:
  // "baton::wire::kArrayOf<Rect, baton::wire::kStructOf<Rect, baton_wire_::kRect>>".
  std::string WireType(const Type& type) const;

  // What a member that nobody has set holds: "0", "false", "Outcome::kDecoded", "{}".
  std::string Initializer(const Type& type) const;

  // A value of `type`: "16384", "0.5f", "Outcome::kDecoded", "\"text\"".
  std::string Literal(const Type& type, const Value& value) const;

  // A parameter of SendX. Numbers and enums go by value. What can be sent once is consumed: `T&&`.
  // All else is only looked at: `const T&`.
  std::string Sent(const Type& type, const std::string& name, Side side = Side::kParent) const;

 private:
  std::string NameOfHead(const DeclarationHead& head) const;
  std::string NumberOf(ProtocolId id) const;
  std::string NumberOfClass(ProtocolId id, Side side) const;
  std::string NameOfExternal(const ExternalType& type) const;
  std::string TableOfHead(const DeclarationHead& head) const;

  const Model& model_;
  const CppScope& scope_;
};

// Numbers, bools and enums: cheaper copied than moved.
bool IsPlain(const Type& type);

}  // namespace batonc
