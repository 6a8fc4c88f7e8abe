#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "compiler/check/attribute_table.h"
#include "compiler/check/edit_distance.h"
#include "compiler/check/evaluate_value.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

// An attribute that is right: what stands behind its `=`, as far as it is of that kind.
struct Given {
  std::string_view name;
  std::string_view word;
  std::string_view text;
  std::uint32_t version = 0;
  std::uint64_t microseconds = 0;
};

std::optional<std::uint64_t> MicrosecondsOf(const DurationSyntax& duration) {
  std::uint64_t unit = 0;
  if (duration.unit == "us") unit = 1;
  if (duration.unit == "ms") unit = 1'000;
  if (duration.unit == "s") unit = 1'000'000;
  constexpr std::uint64_t kLongest = std::uint64_t{1} << 53;  // two centuries
  const NumberSyntax& number = duration.number;
  if (unit == 0 || number.negative || number.magnitude == 0) return std::nullopt;
  if (number.magnitude > kLongest / unit) return std::nullopt;
  return number.magnitude * unit;
}

// True when the value is of a kind that the row takes; fills `given`.
bool TakeValue(const AttributeRow& row, const AttributeSyntax& attribute, Given& given) {
  const auto takes = [&](AttributeValue value) { return (row.values & value) != 0; };
  if (!attribute.value) return takes(kNothing);
  return std::visit(Overloaded{[&](const Name& word) {
                                 given.word = word.text;
                                 const bool is_listed =
                                     takes(kWord) && std::ranges::count(row.words, given.word) != 0;
                                 return is_listed || takes(kLimit);
                               },
                               [&](const StringSyntax& string) {
                                 given.text = string.text;
                                 return takes(kText) && !string.text.empty();
                               },
                               [&](const NumberSyntax& number) {
                                 given.version = static_cast<std::uint32_t>(number.magnitude);
                                 const bool is_version = takes(kVersion) && !number.negative &&
                                                         number.magnitude >= 1 &&
                                                         number.magnitude <= kMaxVersion;
                                 return is_version || takes(kLimit) || !number.is_known;
                               },
                               [&](const RealSyntax&) { return takes(kLimit); },
                               [&](const DurationSyntax& duration) {
                                 given.microseconds = MicrosecondsOf(duration).value_or(0);
                                 return takes(kDuration) &&
                                        (given.microseconds != 0 || !duration.number.is_known);
                               }},
                    *attribute.value);
}

Span ValueSpan(const AttributeSyntax& attribute) {
  return std::visit([](const auto& value) { return value.span; }, *attribute.value);
}

// In IPDL's own dialect the parser has refused these places, and these values, already.
bool IsOnlyOurs(AttributePlace place) {
  return place == AttributePlace::kField || place == AttributePlace::kEnum ||
         place == AttributePlace::kEnumerator || place == AttributePlace::kConstant;
}

bool IsRefusedByParser(const AttributeSyntax& attribute) {
  if (!attribute.value) return false;
  return std::holds_alternative<NumberSyntax>(*attribute.value) ||
         std::holds_alternative<RealSyntax>(*attribute.value) ||
         std::holds_alternative<DurationSyntax>(*attribute.value);
}

template <class T>
T IndexOf(std::string_view word, std::initializer_list<std::string_view> words) {
  const auto found = std::ranges::find(words, word);
  return static_cast<T>(found == words.end() ? 0 : found - words.begin());
}

Nesting NestingFrom(std::string_view word) {
  return IndexOf<Nesting>(word, {"not", "inside_sync", "inside_cpow"});
}

Priority PriorityFrom(std::string_view word) {
  return IndexOf<Priority>(word, {"normal", "input", "vsync", "mediumhigh", "control"});
}

void Apply(const Given& given, Protocol& protocol) {
  const std::string value(given.text.empty() ? given.word : given.text);
  if (given.name == "ChildProc") protocol.child_process = value;
  if (given.name == "ParentProc") protocol.parent_process = value;
  if (given.name == "ChildImpl") protocol.child_class = value;
  if (given.name == "ParentImpl") protocol.parent_class = value;
  if (given.name == "ManualDealloc") protocol.is_manually_deallocated = true;
  if (given.name == "NeedsOtherPid") protocol.needs_other_pid = true;
  if (given.name == "NestedUpTo") protocol.nested_up_to = NestingFrom(given.word);
  if (given.name == "Trusts") {
    protocol.trusts = given.word == "parent" ? Side::kParent : Side::kChild;
  }
}

void Apply(const Given& given, Lifetime& lifetime) {
  if (given.name == "Since") lifetime.since = given.version;
  if (given.name == "Removed") lifetime.removed = given.version;
}

void Apply(const Given& given, Message& message) {
  if (given.name == "Compress") {
    message.compress = given.word == "all" ? Compress::kAll : Compress::kAdjacent;
  }
  if (given.name == "LazySend") message.is_lazy = true;
  if (given.name == "Nested") message.nesting = NestingFrom(given.word);
  if (given.name == "Priority") message.priority = PriorityFrom(given.word);
  if (given.name == "ReplyPriority") message.reply_priority = PriorityFrom(given.word);
  if (given.name == "Tainted") message.is_tainted = true;
  if (given.name == "VirtualSendImpl") message.has_virtual_send = true;
  if (given.name == "Because") message.because = given.text;
  if (given.name == "Deadline") message.deadline_us = given.microseconds;
  Apply(given, message.lifetime);
}

// Bounds need the type as well: see EvaluateFields.
void Apply(const Given& given, Field& field) {
  if (given.name == "NoTaint") {
    field.no_taint = given.word == "passback" ? NoTaint::kPassback : NoTaint::kAllValid;
  }
  Apply(given, field.lifetime);
}

void Apply(const Given& given, External& external) {
  if (given.name == "RefCounted") external.is_ref_counted = true;
  if (given.name != "MoveOnly") return;
  external.move_only = given.word == "data"   ? MoveOnly::kData
                       : given.word == "send" ? MoveOnly::kSend
                                              : MoveOnly::kBoth;
}

void Apply(const Given&, Struct& structure) {
  structure.wants_comparison = true;
}

void Apply(const Given&, Union& one) {
  one.wants_comparison = true;
}

void Apply(const Given& given, Enum& enumeration) {
  if (given.name == "Flags") enumeration.is_flags = true;
  if (given.name == "Extensible") enumeration.is_extensible = true;
}

void Apply(const Given& given, Enumerator& enumerator) {
  Apply(given, enumerator.lifetime);
}

void Apply(const Given&, Constant&) {}

class AttributeApplier {
 public:
  explicit AttributeApplier(CheckContext& context) : context_(context) {}

  void Run() {
    for (const Declared& declared : context_.scopes.declared) {
      std::visit([&](auto id) { ApplyTo(*declared.syntax, context_.At(id)); }, declared.id);
    }
  }

 private:
  template <class T>
  void Take(AttributePlace place, const Attributes& attributes, T& target) {
    for (const AttributeSyntax& attribute : attributes) {
      if (const auto given = Check(place, attribute)) Apply(*given, target);
    }
  }

  void ApplyTo(const DeclarationSyntax& syntax, Enum& enumeration) {
    Take(AttributePlace::kEnum, syntax.attributes, enumeration);
    const auto& written = std::get<EnumSyntax>(syntax.what).enumerators;
    for (std::size_t i = 0; i < written.size(); ++i) {
      Enumerator& enumerator = enumeration.enumerators[i];
      Take(AttributePlace::kEnumerator, written[i].attributes, enumerator);
      CheckLifetime(written[i].attributes, enumerator.lifetime);
    }
  }
  void ApplyTo(const DeclarationSyntax& syntax, Struct& structure) {
    Take(AttributePlace::kStruct, syntax.attributes, structure);
    TakeFields(AttributePlace::kField, std::get<StructSyntax>(syntax.what).fields,
               structure.fields);
  }
  void ApplyTo(const DeclarationSyntax& syntax, Union& one) {
    Take(AttributePlace::kUnion, syntax.attributes, one);
  }
  void ApplyTo(const DeclarationSyntax& syntax, External& external) {
    Take(AttributePlace::kUsing, syntax.attributes, external);
  }
  void ApplyTo(const DeclarationSyntax& syntax, Constant& constant) {
    Take(AttributePlace::kConstant, syntax.attributes, constant);
  }
  void ApplyTo(const DeclarationSyntax& syntax, Protocol& protocol) {
    Take(AttributePlace::kProtocol, syntax.attributes, protocol);
    const auto& written = std::get<ProtocolSyntax>(syntax.what).messages;
    for (std::size_t i = 0; i < written.size(); ++i) {
      Message& message = protocol.messages[i];
      Take(AttributePlace::kMessage, written[i].attributes, message);
      CheckLifetime(written[i].attributes, message.lifetime);
      TakeFields(AttributePlace::kParameter, written[i].parameters, message.parameters);
      if (message.returns)
        TakeFields(AttributePlace::kParameter, *written[i].returns, *message.returns);
    }
  }

  void TakeFields(AttributePlace place, const std::vector<FieldSyntax>& written,
                  std::vector<Field>& fields) {
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (written[i].attributes.empty()) continue;
      Take(place, written[i].attributes, fields[i]);
      CheckLifetime(written[i].attributes, fields[i].lifetime);
    }
  }

  std::optional<Given> Check(AttributePlace place, const AttributeSyntax& attribute);
  void ReportUnknown(AttributePlace place, const AttributeSyntax& attribute);
  void CheckLifetime(const Attributes& attributes, const Lifetime& lifetime);

  CheckContext& context_;
};

std::optional<Given> AttributeApplier::Check(AttributePlace place,
                                             const AttributeSyntax& attribute) {
  const std::string& name = attribute.name.text;
  const AttributeRow* row = FindAttributeRow(place, name);
  const bool is_ipdl = context_.IsIpdl(attribute.name.span.file);
  if (is_ipdl && (IsOnlyOurs(place) || IsRefusedByParser(attribute))) return std::nullopt;
  if (row == nullptr) {
    ReportUnknown(place, attribute);
    return std::nullopt;
  }
  if (is_ipdl && row->is_ours) {
    context_.Report(kAddition, attribute.name.span, "attribute `" + name + "`");
    return std::nullopt;
  }
  Given given;
  given.name = row->name;
  if (TakeValue(*row, attribute, given)) return given;
  const std::string found =
      attribute.value ? Quoted(context_, ValueSpan(attribute)) : std::string("nothing");
  const Span span = attribute.value ? ValueSpan(attribute) : attribute.name.span;
  Diagnostic& problem = context_.Report(kAttributeValue, span, name, ValuesOf(*row), found);
  const std::vector<std::string> words(row->words.begin(), row->words.end());
  if (const auto meant = NearestName(given.word, words)) problem.Suggest(span, *meant);
  return std::nullopt;
}

void AttributeApplier::ReportUnknown(AttributePlace place, const AttributeSyntax& attribute) {
  const Span span = attribute.name.span;
  const std::string& name = attribute.name.text;
  const Dialect dialect = context_.model.file(span.file).dialect;
  Diagnostic& problem =
      context_.Report(kUnknownAttribute, span, name, Describe(place), AttributesAt(place, dialect));
  if (const auto meant = NearestName(name, AttributeNamesAt(place, dialect))) {
    problem.Suggest(span, *meant);
  }
}

void AttributeApplier::CheckLifetime(const Attributes& attributes, const Lifetime& lifetime) {
  if (lifetime.removed == 0 || lifetime.removed > lifetime.since) return;
  const auto removed = std::ranges::find_if(
      attributes, [](const AttributeSyntax& one) { return one.name.text == "Removed"; });
  context_.Report(kLifetimeCrossed, removed->span, std::int64_t{lifetime.removed},
                  std::int64_t{lifetime.since});
}

}  // namespace

void ApplyAttributes(CheckContext& context) {
  AttributeApplier(context).Run();
}

}  // namespace batonc
