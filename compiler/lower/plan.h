// Everything that the generated files of one .idl say, decided: names, types, numbers, order. The
// emitters (compiler/emit) choose none of it; they print.
//
// A plan has no links into the model. The same thing may be in it twice (a message is listed by
// its protocol and by the two classes that send or receive it), so that each emitter finds what it
// prints in one place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

// A type as the .json shows it.
struct TypePlan {
  std::string kind;  // "uint32", "string", "Shmem", "enum", "struct", "array", "optional"
  std::string name;  // of an enum or struct: its full name
  std::vector<TypePlan> inner;  // one for "array" and "optional", else none
};

// A member of a struct, a parameter of a message, or a part of its reply.
struct FieldPlan {
  std::string name;
  Doc doc;
  TypePlan type;
  std::string cpp_type;     // "std::vector<Rect>"
  std::string initializer;  // of a member: "0", "{}", "Outcome::kDecoded"
  std::string sent;         // as a parameter of SendX: "const std::string& name"
  std::string received;     // as a parameter of RecvX: "std::string name"
  std::string local;        // what a message is decoded into: "std::uint32_t percent = {}"
  std::string handed_over;  // that, as an argument of RecvX: "std::move(name)"
  std::string offset;       // "offsetof(Rect, width)", or "0"
  std::string slot;         // the FlatBuffers id
  std::string wire_type;    // its baton::wire::Type: "baton::wire::kUint32"
};

struct EnumeratorPlan {
  std::string name;
  std::int64_t value = 0;
  std::string cpp_value;
  Doc doc;
};

struct EnumPlan {
  std::string name;
  std::string full_name;  // "samples::Outcome"
  Doc doc;
  std::string underlying;       // "uint8"
  std::string cpp_underlying;   // "std::uint8_t"
  std::string wire_underlying;  // its baton::wire::Kind: "baton::wire::Kind::kUint8"
  std::vector<EnumeratorPlan> enumerators;
  std::vector<std::string> wire_values;  // ascending as 64-bit integers
  std::string wire_default;
};

struct StructPlan {
  std::string name;
  std::string full_name;
  Doc doc;
  bool comparable = false;  // has an operator==: nothing in it is memory
  std::vector<FieldPlan> fields;
};

struct ReplyPlan {
  std::string name;  // "DecodeReply"
  std::string wire_name;
  std::string alias;  // the type of an answer of one value; empty for a struct
  bool comparable = false;
  std::vector<FieldPlan> fields;
};

struct MessagePlan {
  std::string name;
  std::string protocol;   // "PDecoder"
  std::string constant;   // its baton::wire::Message: "kDecode"
  std::string full_name;  // "samples::PDecoder::Decode"
  Doc doc;
  Direction direction = Direction::kToParent;
  std::string direction_word;  // "parent", "child", "both"
  std::uint32_t id = 0;
  std::string cpp_id;               // "0x1234abcdu"
  std::string parameter_wire_name;  // "samples::PDecoder_Decode_Parameters"
  std::vector<FieldPlan> parameters;
  std::optional<ReplyPlan> reply;
};

// One of the two classes of a protocol.
struct ActorPlan {
  std::string name;      // "PDecoderParent"
  std::string protocol;  // "PDecoder"
  Doc doc;
  std::string side;                   // "kParent"
  std::vector<std::string> replies;   // of what it sends or receives: "Decode"
  std::vector<std::string> repliers;  // of what it receives
  std::vector<MessagePlan> sends;
  std::vector<MessagePlan> receives;
};

struct ProtocolPlan {
  std::string name;
  std::string full_name;
  Doc doc;
  std::string schema_hash;  // "0x0123456789abcdef"
  std::vector<MessagePlan> messages;
  std::vector<std::string> to_parent;  // constants of messages
  std::vector<std::string> to_child;
  ActorPlan parent;
  ActorPlan child;
};

// Declarations of one namespace that follow each other. Every type is declared before its use.
struct SectionPlan {
  std::vector<std::string> namespace_path;
  std::string cpp_namespace;  // "a::b", or empty
  std::vector<std::variant<EnumPlan, StructPlan>> types;
  std::vector<ProtocolPlan> protocols;
};

// --- the FlatBuffers schema ----------------------------------------------------------------------

struct FbsField {
  std::string name;
  std::string type;           // "[samples.Rect]"
  std::string default_value;  // "null", "kDecoded", or empty for FlatBuffers' own
  std::string attributes;     // "id: 3", "id: 0, required"
  Doc doc;
};

struct FbsTable {
  std::string name;
  Doc doc;
  std::vector<FbsField> fields;
};

struct FbsEnum {
  std::string name;
  std::string underlying;  // "ubyte"
  Doc doc;
  std::vector<EnumeratorPlan> enumerators;  // ascending
};

struct FbsSection {
  std::string name_space;  // "a.b", or empty
  std::vector<std::variant<FbsEnum, FbsTable>> declarations;
};

struct FbsPlan {
  bool has_memory = false;  // refers to BatonShmem
  std::vector<FbsSection> sections;
};

// -------------------------------------------------------------------------------------------------

struct Plan {
  std::string source;                 // "media/camera.idl"
  std::string output;                 // "media/camera": the files are this and an ending
  std::vector<std::string> includes;  // the `source` of every file that this one includes
  std::vector<std::string> headers;   // "media/types.h": what the generated header includes
  bool has_protocols = false;
  std::vector<SectionPlan> sections;
  FbsPlan fbs;
};

}  // namespace batonc
