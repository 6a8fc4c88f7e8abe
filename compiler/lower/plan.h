// Everything that the generated C++ and .fbs of one file say, decided: names, types, numbers,
// order. The emitters (compiler/emit) choose none of it; they print.
//
// A plan has no links into the model. Comments stand in it as they are printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// --- tables ------------------------------------------------------------------------------------

// A baton::wire::Row.
struct RowPlan {
  std::string name;
  std::string offset;         // "offsetof(Rect, width)", or "0"
  std::uint32_t slot = 0;     // the FlatBuffers id
  std::string wire_type;      // its baton::wire::Type: "baton::wire::kUint32"
  std::string bounds;         // its baton::wire::Bounds in braces; empty for none
  std::string default_value;  // its baton::wire::Default in braces; empty for none
  Lifetime lifetime;
};

// A baton::wire::Table.
struct TablePlan {
  std::string constant;  // "kRect", "kDecodeParameters_"
  std::string stem;      // what the constants of its parts begin with: "kRect", "kDecodeParameter"
  std::string wire_name;
  std::vector<RowPlan> rows;
};

// --- types -------------------------------------------------------------------------------------

struct EnumeratorPlan {
  std::string name;
  std::string value;
  std::string doc;
};

struct EnumPlan {
  std::string name;
  std::string full_name;  // "samples::Outcome"
  std::string doc;
  std::string cpp_underlying;   // "std::uint8_t"
  std::string wire_underlying;  // its baton::wire::Kind: "baton::wire::Kind::kUint8"
  std::vector<EnumeratorPlan> enumerators;
  std::string wire_values;  // ascending as 64-bit integers: "0, 4"
  std::string wire_names;   // in the same order: "\"kOk\", \"kBusy\""
  std::string wire_default;
  std::string wire_lifetimes;  // in the same order: "{1, 0}, {2, 0}"; empty where all are {1, 0}
  bool is_flags = false;
  bool is_extensible = false;
};

struct MemberPlan {
  std::string doc;
  std::string type;  // "std::vector<Rect>"
  std::string name;
  std::string initializer;  // "0", "{}", "Outcome::kDecoded"; empty where it is better left out
};

struct StructPlan {
  std::string name;
  std::string doc;
  bool comparable = false;  // has an operator==
  bool is_forward = false;  // is named before it is complete
  std::vector<MemberPlan> members;
  TablePlan table;
};

struct AlternativePlan {
  std::string tag;  // "kArrayOfRect"
  std::string doc;
  std::string name;  // "ArrayOfRect"
  std::string wire_type;
};

struct UnionPlan {
  std::string name;
  std::string full_name;
  std::string doc;
  std::string types;        // "std::uint32_t, baton::Boxed<Node>"
  std::string constructor;  // its base's, named so that a union called Union finds it as well
  bool is_forward = false;
  std::vector<AlternativePlan> alternatives;
};

struct ConstantPlan {
  std::string doc;
  std::string type;
  std::string name;
  std::string value;
};

// --- protocols ---------------------------------------------------------------------------------

// What a message with `fails` is answered with: its answer or its error.
struct OutcomePlan {
  std::string name;             // "OpenReply": the variant of both
  std::string error;            // "OpenError"
  std::string error_wire_type;  // its baton::wire::Type
  std::string union_constant;   // "kOpenOutcome_": the baton::wire::Union of both
  std::string union_stem;       // what the constants of its parts begin with: "kOpenOutcome"
  std::string union_wire_name;
  TablePlan table;  // its one row holds that union
};

// What a message is answered with: a struct of its own, or with one value that value's type.
struct ReplyPlan {
  std::string name;   // "DecodeReply"; with `fails` "DecodeAnswer"
  std::string alias;  // empty for a struct
  std::string doc;    // of the one value
  std::string value;  // the name of the one value
  bool comparable = false;
  std::vector<MemberPlan> members;
  TablePlan table;
  std::optional<OutcomePlan> outcome;  // with `fails`

  // Of the table that travels.
  const std::string& constant() const { return outcome ? outcome->table.constant : table.constant; }
};

enum class MessageRole : std::uint8_t { kPlain, kConstructor, kDestructor };

// A message as one side sees it.
struct MessageSidePlan {
  bool sends = false;
  bool receives = false;
  std::string sent;       // parameters of SendX: "const std::string& name"
  std::string addresses;  // of them: "{&name}"
  // SendX needs to know the classes of other actors, so that its body is in the source.
  bool is_sent_from_source = false;
  std::string received;        // parameters of RecvX: "std::string name"
  std::string received_types;  // without names: "std::string"
  // Of a constructor.
  std::string managed;    // the class that it is about: "PTabParent"
  std::string looked_at;  // parameters of AllocX: "const std::string& name"
};

struct MessagePlan {
  std::string name;
  std::string constant;   // its baton::wire::Message: "kDecode"
  std::string full_name;  // "samples::PDecoder::Decode"
  std::string doc;
  std::string note;    // what it says that nothing acts on yet, as a comment; may be empty
  std::string cpp_id;  // "0x1234abcdu"
  MessageRole role = MessageRole::kPlain;
  std::string constructs;     // of a constructor: the managed protocol, "PTab"
  bool virtual_send = false;  // its SendX is virtual
  std::string queueing;       // its baton::wire::Queueing in braces; empty as by default
  std::string deadline;       // in microseconds; empty for none
  Lifetime lifetime;
  bool is_sync = false;    // SendX waits for the answer
  bool is_nested = false;  // of a sync one: [Nested=inside_sync]
  TablePlan parameters;
  std::optional<ReplyPlan> reply;
  MessageSidePlan parent;
  MessageSidePlan child;
};

// A protocol that another one manages, as that one's classes name it.
struct ManagedPlan {
  std::string name;    // "PTab"
  std::string parent;  // "PTabParent"
  std::string child;
};

struct ProtocolPlan {
  std::string name;
  std::string full_name;
  std::string doc;
  std::string schema_hash;                // "0x0123456789abcdef"
  std::vector<std::string> older_hashes;  // of the versions 1, 2, ... before this one
  std::uint32_t version = 1;
  std::string looks_ahead;  // its baton::wire::LooksAhead in braces; empty for neither side
  std::vector<MessagePlan> messages;
  // Of a managed protocol, its manager's class on each side; "baton::Actor" when there are several.
  std::string manager_of_parent;
  std::string manager_of_child;
  std::vector<ManagedPlan> manages;
};

// Declarations of one namespace that follow each other. Every type is declared before its use.
struct SectionPlan {
  std::vector<std::string> namespace_path;
  std::string cpp_namespace;  // "a::b", or empty
  std::vector<std::variant<EnumPlan, StructPlan, UnionPlan>> types;
  std::vector<ConstantPlan> constants;
  std::vector<ProtocolPlan> protocols;
};

// Classes that are named before they are declared.
struct ForwardPlan {
  std::string cpp_namespace;
  std::vector<std::string> classes;  // "PTabParent"
};

// --- the FlatBuffers schema ----------------------------------------------------------------------

struct FbsField {
  std::string name;
  std::string type;           // "[samples.Rect]"
  std::string default_value;  // "null", "kDecoded", or empty for FlatBuffers' own
  std::string attributes;     // "id: 3", "id: 0, required"
  std::string doc;
};

struct FbsTable {
  std::string name;
  std::string doc;
  std::vector<FbsField> fields;
};

struct FbsEnum {
  std::string name;
  std::string underlying;  // "ubyte"
  std::string doc;
  std::vector<EnumeratorPlan> enumerators;  // ascending
};

struct FbsUnion {
  std::string name;
  std::vector<std::string> alternatives;  // "number:Box_uint32"
};

struct FbsSection {
  std::string name_space;  // "a.b", or empty
  std::vector<std::variant<FbsEnum, FbsUnion, FbsTable>> declarations;
};

struct FbsPlan {
  bool has_memory = false;     // refers to BatonShmem
  bool has_slices = false;     // refers to BatonShmemSlice, which refers to that
  bool has_endpoints = false;  // refers to BatonEndpoint
  std::vector<FbsSection> sections;
};

// -------------------------------------------------------------------------------------------------

struct Plan {
  std::string source;                     // "media/camera.idl"
  std::string output;                     // "media/camera": the files are this and an ending
  std::vector<std::string> cpp_headers;   // "types/url.h": what the generated header includes
  std::vector<std::string> headers;       // "media/types.h": what it includes of other files
  std::vector<std::string> cpp_includes;  // `include "header.h"`: for the sources
  bool has_protocols = false;
  bool has_deadlines = false;
  bool has_sync = false;
  // What the header declares. Empty when another header (the only one in `headers`) does that for
  // this file as well, because their types need each other.
  std::vector<SectionPlan> sections;
  // This file's own protocols, where `sections` has those of others too, or none.
  std::optional<std::vector<SectionPlan>> own_protocols;
  const std::vector<SectionPlan>& actors() const {
    return own_protocols ? *own_protocols : sections;
  }
  std::vector<ForwardPlan> forwards_of_types;  // named in `sections`
  // The files whose classes the sources of the actors need, without "Parent.h" or "Child.h".
  std::vector<std::string> class_outputs;
  std::vector<ForwardPlan> forwards_of_parent;
  std::vector<ForwardPlan> forwards_of_child;
  FbsPlan fbs;
};

// Either side, for what is printed for both alike.
struct SidePlan {
  std::string_view name;  // "Parent"
  MessageSidePlan MessagePlan::*message;
  std::string ProtocolPlan::*manager;
  std::string ManagedPlan::*managed;  // its class
  std::string ManagedPlan::*other;    // that of the other side
  std::vector<ForwardPlan> Plan::*forwards;
};
inline constexpr SidePlan kParentSide = {"Parent",
                                         &MessagePlan::parent,
                                         &ProtocolPlan::manager_of_parent,
                                         &ManagedPlan::parent,
                                         &ManagedPlan::child,
                                         &Plan::forwards_of_parent};
inline constexpr SidePlan kChildSide = {"Child",
                                        &MessagePlan::child,
                                        &ProtocolPlan::manager_of_child,
                                        &ManagedPlan::child,
                                        &ManagedPlan::parent,
                                        &Plan::forwards_of_child};

}  // namespace batonc
