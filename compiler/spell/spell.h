// What a model holds, in the words of the language: for messages and pages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// A stretch of a spelled type; with what it names, if it names a declaration.
struct SpelledPart {
  std::string text;
  std::optional<Declaration> declaration;
};

enum class NameStyle : std::uint8_t {
  kShort,  // "Frame", as in a file
  kFull,   // "media::Frame"
};

// `map<string, Frame?>` as {"map<string, "}, {"Frame", its StructId}, {"?>"}.
std::vector<SpelledPart> SpellParts(const Model& model, const Type& type, NameStyle style);

// The same in one piece.
std::string Spell(const Model& model, const Type& type, NameStyle style);

// `-1`, `0.5`, `true`, `"text"`, `kOk`.
std::string Spell(const Model& model, const Value& value);

// The attributes as they would be written, without brackets: {"Max=64", "Since=3"}. Those that say
// no more than what goes without saying are left out.
std::vector<std::string> SpellAttributes(const Model& model, const Field& field);
std::vector<std::string> SpellAttributes(const Message& message);
std::vector<std::string> SpellAttributes(const Enumerator& enumerator);
std::vector<std::string> SpellAttributes(const Protocol& protocol);

const DeclarationHead& HeadOf(const Model& model, const Declaration& declaration);

}  // namespace batonc
