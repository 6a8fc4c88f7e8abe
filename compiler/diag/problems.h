// Everything batonc can complain about, in numerical order.
//
// 1xx characters, 2xx grammar, 3xx names and types, 4xx protocols, 5xx files, 7xx what `batonc
// diff` finds. Numbers are never reused. problems_test.cc insists on a page
// docs/diagnostics/E0NNN.md and on a golden for each. Arguments are shown as they are: the texts
// bring their own backticks, except in `kExpected`, `kAddition`, `kOutOfOrder` and
// `kTooManyFields`, whose arguments are phrases.
#pragma once

#include <cstdint>
#include <string_view>

#include "compiler/diag/problem.h"

namespace batonc {

using Words = std::string_view;

// --- characters --------------------------------------------------------------------------------

inline constexpr Problem<Words> kStrayCharacter{Severity::kError, 101, "stray `{}`"};
inline constexpr Problem<> kUnterminatedString{Severity::kError, 102,
                                               "this string does not end on its line"};
inline constexpr Problem<> kUnterminatedComment{Severity::kError, 103, "this comment never ends"};
inline constexpr Problem<Words> kMalformedNumber{Severity::kError, 104, "`{}` is not a number"};
inline constexpr Problem<Words> kNumberTooLarge{Severity::kError, 105,
                                                "`{}` does not fit in 64 bits"};
inline constexpr Problem<> kDocOfNothing{
    Severity::kWarning, 106, "this doc comment stands before nothing it could document"};
inline constexpr Problem<Words> kDirective{
    Severity::kError, 107, "`{}` is for a preprocessor: give batonc what comes out of it"};

inline constexpr Problem<> kNotUtf8{Severity::kError, 108, "this byte is no text in UTF-8"};

// --- grammar -----------------------------------------------------------------------------------

inline constexpr Problem<Words, Words> kExpected{Severity::kError, 201, "expected {}, found {}"};
inline constexpr Problem<Words> kNotClosed{Severity::kError, 202, "a `}` is missing before {}"};
inline constexpr Remark<> kOpenedHere{"to close the `{` opened here"};
inline constexpr Problem<Words> kReservedWord{
    Severity::kError, 203, "`{}` is a word of the language and cannot be a name"};
// 204 is retired: "not supported yet".
inline constexpr Problem<std::int64_t> kNestedTooDeeply{Severity::kError, 205,
                                                        "this nests more than {} deep"};
inline constexpr Problem<> kEmptyFile{Severity::kError, 206, "this file declares nothing"};
inline constexpr Remark<> kUsingIsNothing{"in IPDL, `using` alone is not enough"};
inline constexpr Problem<Words> kEmptyNamespace{Severity::kError, 207,
                                                "namespace `{}` declares nothing"};
inline constexpr Problem<Words> kIncludeTooLate{Severity::kError, 208,
                                                "`{}` comes after a declaration"};
inline constexpr Problem<Words> kEmptyLabel{Severity::kError, 209, "no message follows `{}:`"};
inline constexpr Problem<Words> kNoSendWord{Severity::kError, 210,
                                            "message `{}` has no `async` before its name"};
inline constexpr Problem<Words> kQualifiedName{Severity::kError, 211,
                                               "type `{}` is named with its namespace"};

inline constexpr Problem<Words> kAttributeTwice{Severity::kError, 212,
                                                "attribute `{}` is given twice"};
inline constexpr Remark<> kFirstGivenHere{"first given here"};
inline constexpr Problem<> kNoAttributes{Severity::kError, 213, "this list of attributes is empty"};
inline constexpr Problem<Words> kAddition{Severity::kError, 214,
                                          "{} is a Baton addition; use .idl"};
inline constexpr Problem<Words, Words> kOutOfOrder{Severity::kError, 215, "`{}` comes after {}"};
inline constexpr Problem<Words> kParameterDefault{Severity::kError, 216,
                                                  "parameter `{}` cannot have a default value"};
inline constexpr Problem<Words> kJoinedNamespaces{
    Severity::kError, 217, "`{}` opens several namespaces at once; each needs braces of its own"};

// --- names and types ---------------------------------------------------------------------------

inline constexpr Remark<> kFirstDeclaredHere{"first declared here"};

inline constexpr Problem<Words> kUnknownType{Severity::kError, 301, "unknown type `{}`"};
inline constexpr Remark<Words> kDeclaredElsewhere{"declared here, but `{}` is not included"};
inline constexpr Remark<> kGeckoType{"a type of Gecko's is known with `--prelude gecko`"};
inline constexpr Problem<Words> kDeclaredTwice{Severity::kError, 302, "`{}` is declared twice"};
inline constexpr Problem<Words> kIncludesClash{Severity::kError, 303,
                                               "this include brings in a second `{}`"};
inline constexpr Remark<> kSecondDeclaredHere{"declared again here"};
inline constexpr Problem<Words> kFieldTwice{Severity::kError, 304, "field `{}` is declared twice"};
inline constexpr Problem<Words> kParameterTwice{
    Severity::kError, 305, "`{}` is declared twice among the parameters and returns"};
inline constexpr Problem<Words> kEnumeratorTwice{Severity::kError, 306,
                                                 "enumerator `{}` is declared twice"};
inline constexpr Problem<Words, std::int64_t> kEnumValueTwice{
    Severity::kError, 307, "enumerator `{}` has the value {} again"};
inline constexpr Problem<Words> kEmptyEnum{Severity::kError, 308, "enum `{}` has no enumerators"};
inline constexpr Problem<Words, Words, Words> kEnumValueRange{
    Severity::kError, 309, "enumerator `{}` has the value {}, which does not fit `{}`"};
inline constexpr Problem<Words> kNotUnderlying{Severity::kError, 310,
                                               "`{}` cannot hold the values of an enum"};
inline constexpr Problem<Words> kEndlessStruct{Severity::kError, 311,
                                               "struct `{}` contains itself"};
inline constexpr Remark<Words, Words> kContains{"through field `{}` of `{}`"};
inline constexpr Problem<Words> kCppWord{Severity::kError, Severity::kWarning, 312,
                                         "`{}` has a meaning in C++ and cannot be a name"};
inline constexpr Problem<Words, Words> kReservedShape{
    Severity::kError, Severity::kWarning, 313, "`{}` {}: such names belong to generated code"};
inline constexpr Problem<Words, Words> kGeneratedClash{
    Severity::kError, Severity::kWarning, 314, "`{}` is also the name of what is generated for {}"};
inline constexpr Remark<> kGeneratedForThis{"generated for this"};
inline constexpr Problem<Words> kNameTaken{Severity::kError, 315,
                                           "`{}` is already the name of something visible here"};
inline constexpr Problem<Words> kNamespaceTaken{
    Severity::kError, Severity::kWarning, 316,
    "`{}` is a namespace and cannot be a declaration as well"};
inline constexpr Remark<> kNamespaceHere{"the namespace is opened here"};
inline constexpr Problem<Words> kHeadersInCircle{
    Severity::kError, Severity::kWarning, 317,
    "the types of this file and those of `{}` need each other"};
inline constexpr Remark<Words> kNeededBack{"that file needs `{}` here"};
inline constexpr Problem<Words, std::int64_t> kMessageTooDeep{
    Severity::kError, Severity::kWarning, 318,
    "`{}` nests more than {} tables deep, where every reader gives up"};
inline constexpr Problem<Words, std::int64_t, std::int64_t> kTooManyFields{
    Severity::kError, Severity::kWarning, 319, "{} has {} fields, but at most {} fit on the wire"};

inline constexpr Problem<Words, Words> kNotAType{Severity::kError, 320, "`{}` is {}, not a type"};
inline constexpr Problem<Words> kNotNullable{
    Severity::kError, 321,
    "`{}` is neither an actor nor `[RefCounted]`, so it cannot be `nullable`"};
inline constexpr Problem<Words> kNoTypeArguments{Severity::kError, 322,
                                                 "`{}` takes nothing between `<` and `>`"};
inline constexpr Problem<Words> kEndpointArgument{
    Severity::kError, 323, "`{}` takes one side of a protocol, such as `PFooParent`"};
inline constexpr Problem<Words> kMemoryElement{
    Severity::kError, 324, "shared memory cannot hold `{}`: it takes a number or an enum"};
inline constexpr Problem<Words> kMapKey{
    Severity::kError, 325,
    "`{}` cannot be the key of a map: it takes an integer, an enum or a string"};
inline constexpr Problem<std::int64_t> kFixedCount{Severity::kError, 326,
                                                   "a fixed array has 1 to {} elements"};
inline constexpr Problem<Words> kImpliedPrelude{Severity::kWarning, 327,
                                                "`{}` is a type of Gecko's: say `--prelude gecko`"};
inline constexpr Problem<Words> kUsingDiffers{
    Severity::kError, 328, "`{}` is declared again with another `RefCounted` or `MoveOnly`"};
inline constexpr Problem<Words> kUnknownValue{Severity::kError, 329, "unknown constant `{}`"};
inline constexpr Problem<Words, Words> kWrongValue{Severity::kError, 330, "{} is not {}"};
inline constexpr Problem<Words, Words> kValueRange{Severity::kError, 331, "{} does not fit {}"};
inline constexpr Problem<Words> kNotConstantType{Severity::kError, 332,
                                                 "a constant cannot be a `{}`"};
inline constexpr Problem<Words> kConstantCircle{Severity::kError, 333,
                                                "constant `{}` is defined by itself"};
inline constexpr Problem<Words> kNoDefaults{Severity::kError, 334,
                                            "a field of type `{}` cannot have a default value"};
inline constexpr Problem<Words, Words> kBoundMisplaced{Severity::kError, 335,
                                                       "`{}` cannot limit a `{}`"};
inline constexpr Problem<> kBoundsCrossed{Severity::kError, 336, "`Min` is larger than `Max`"};
inline constexpr Problem<Words> kDefaultOutOfBounds{
    Severity::kError, 337, "the default value of `{}` is outside its own bounds"};
inline constexpr Problem<Words> kSignedFlags{Severity::kError, 338,
                                             "the flags of enum `{}` need an unsigned type"};
inline constexpr Problem<std::int64_t, std::int64_t> kLifetimeCrossed{
    Severity::kError, 339, "removed in version {}, but there only since version {}"};
inline constexpr Problem<Words, Words, Words> kUnknownAttribute{
    Severity::kError, 340, "unknown attribute `{}`: {} takes {}"};
inline constexpr Problem<Words, Words, Words> kAttributeValue{Severity::kError, 341,
                                                              "attribute `{}` takes {}, not {}"};
inline constexpr Problem<Words> kEndlessUnion{Severity::kError, 342,
                                              "every value of union `{}` contains another one"};
inline constexpr Problem<Words, Words> kNotDeclaredResource{
    Severity::kError, 343, "{} `{}` carries what can be sent only once, but is no `resource`"};
inline constexpr Remark<Words> kCarriedBy{"`{}` can be sent only once"};
inline constexpr Problem<Words, Words> kNeedlessResource{
    Severity::kWarning, 344, "nothing in {} `{}` can be sent only once, so it is no `resource`"};
inline constexpr Problem<Words, Words> kUnionMemberTwice{Severity::kError, Severity::kWarning, 345,
                                                         "union `{}` has the member `{}` twice"};
inline constexpr Problem<Words, Words> kNotComparable{
    Severity::kError, Severity::kWarning, 346, "`{}` cannot be `Comparable`: `{}` has no `==`"};
inline constexpr Problem<Words, Words> kUnused{Severity::kWarning, 347, "nothing uses {} `{}`"};
inline constexpr Problem<Words, Words> kFileName{
    Severity::kError, 348, "protocol `{}` is declared in a file that is not called `{}`"};
inline constexpr Problem<Words> kSecondProtocol{Severity::kError, 349,
                                                "protocol `{}` is the second one in this file"};
inline constexpr Problem<> kNoProtocol{Severity::kError, 350, "this file declares no protocol"};
inline constexpr Problem<Words, Words> kProtocolNotIncluded{
    Severity::kError, 351, "unknown protocol `{}`; `include protocol {};` brings one in"};
inline constexpr Problem<Words, std::int64_t, std::int64_t> kTooManyMembers{
    Severity::kError, 352, "union `{}` has {} members, but at most {} fit on the wire"};
inline constexpr Remark<std::int64_t> kMembersOfMembers{
    "{} at most: a member may be a union or a struct that holds some of the others"};

// --- protocols ---------------------------------------------------------------------------------

inline constexpr Problem<Words> kNoDirection{
    Severity::kError, 401, "message `{}` comes before `parent:`, `child:` or `both:`"};
inline constexpr Problem<Words> kMessageTwice{Severity::kError, 402,
                                              "message `{}` is declared twice"};
inline constexpr Problem<Words> kNoLeadingP{Severity::kWarning, Severity::kError, 403,
                                            "the name of protocol `{}` does not begin with `P`"};
inline constexpr Problem<Words> kProtocolInHeader{Severity::kError, 404,
                                                  "protocol `{}` is declared in a header"};
inline constexpr Problem<Words, Words> kMessageIdsCollide{
    Severity::kError, Severity::kWarning, 405,
    "messages `{}` and `{}` have the same number on the wire"};
inline constexpr Problem<Words> kMessageIdZero{
    Severity::kError, Severity::kWarning, 406,
    "message `{}` has the number 0 on the wire, which means no message"};
inline constexpr Problem<Words> kMessageNamedAsType{Severity::kError, 407,
                                                    "message `{}` has the name of a type"};

inline constexpr Problem<Words> kUnknownProtocol{Severity::kError, 408, "unknown protocol `{}`"};
inline constexpr Problem<Words> kNotAProtocol{Severity::kError, 409, "`{}` is not a protocol"};
inline constexpr Problem<Words> kManagerTwice{Severity::kError, 410, "manager `{}` is named twice"};
inline constexpr Problem<Words> kManageeTwice{Severity::kError, Severity::kWarning, 411,
                                              "`manages {}` is said twice"};
inline constexpr Problem<Words, Words> kManageeDisagrees{Severity::kError, 412,
                                                         "`{}` does not say `manager {}`"};
inline constexpr Problem<Words, Words> kManagerDisagrees{Severity::kError, 413,
                                                         "`{}` does not say `manages {}`"};
inline constexpr Remark<> kOtherProtocolHere{"that protocol is declared here"};
inline constexpr Problem<Words> kNoDestructor{Severity::kError, 414,
                                              "managed protocol `{}` declares no `__delete__`"};
inline constexpr Problem<Words> kManagersInCircle{
    Severity::kError, 415, "protocol `{}` is below itself in the tree of actors"};
inline constexpr Remark<Words, Words> kManagesHere{"`{}` manages `{}`"};
inline constexpr Problem<Words> kManagesOnlyItself{Severity::kError, 416,
                                                   "protocol `{}` has no manager but itself"};
inline constexpr Problem<Words> kNoChildProc{
    Severity::kError, 417, "top-level protocol `{}` does not say its `ChildProc`"};
inline constexpr Problem<Words> kManualTopLevel{
    Severity::kError, 418, "top-level protocol `{}` cannot be `ManualDealloc`"};
inline constexpr Problem<Words> kManualManager{
    Severity::kError, 419, "protocol `{}` manages others and cannot be `ManualDealloc`"};
inline constexpr Problem<Words> kOtherPidOfManaged{
    Severity::kError, 420, "managed protocol `{}` cannot be `NeedsOtherPid`"};
inline constexpr Problem<Words, Words> kSyncManagee{
    Severity::kError, 421, "sync protocol `{}` is managed by `{}`, which is async"};
inline constexpr Problem<Words, Words> kNestedManagee{
    Severity::kError, 422, "protocol `{}` nests deeper than its manager `{}`"};
inline constexpr Problem<Words, Words> kSyncInAsync{
    Severity::kError, 423, "message `{}` is sync, but protocol `{}` is async"};
inline constexpr Problem<Words, Words> kNestedBeyond{
    Severity::kError, 424, "message `{}` nests deeper than `NestedUpTo` of protocol `{}`"};
inline constexpr Problem<Words> kSyncToChild{
    Severity::kError, 425, "sync message `{}` goes to the child without `Nested=inside_sync`"};
inline constexpr Problem<Words> kNestedAsync{Severity::kError, 426,
                                             "message `{}` is `Nested=inside_sync`, but not sync"};
inline constexpr Problem<Words> kCpowToChild{
    Severity::kError, 427, "message `{}` is `Nested=inside_cpow`, but goes to the child"};
inline constexpr Problem<Words> kCpowDeprecated{
    Severity::kWarning, 428, "`Nested=inside_cpow` of message `{}` is deprecated"};
inline constexpr Problem<Words, Words> kNotManagedHere{
    Severity::kError, 429, "message `{}` constructs a protocol that `{}` does not manage"};
inline constexpr Problem<Words> kConstructorReturns{Severity::kError, 430,
                                                    "async constructor `{}` has `returns`"};
inline constexpr Problem<> kSyncDestructor{Severity::kError, 431, "`__delete__` is sync"};
inline constexpr Problem<> kDestructorReturns{Severity::kError, 432, "`__delete__` has `returns`"};
inline constexpr Problem<Words, Words> kCompressMisplaced{Severity::kError, 433,
                                                          "message `{}` is `Compress`, but {}"};
inline constexpr Problem<Words> kLazySync{Severity::kError, 434,
                                          "message `{}` is `LazySend`, but sync"};
inline constexpr Problem<Words, Words> kReplyPriorityMisplaced{
    Severity::kError, 435, "message `{}` has a `ReplyPriority`, but {}"};
inline constexpr Problem<Words> kNoTaintMisplaced{
    Severity::kError, 436, "parameter `{}` is `NoTaint`, but its message is not `Tainted`"};
inline constexpr Problem<Words> kDeadlineMisplaced{
    Severity::kError, 437, "message `{}` has a `Deadline`, but nobody waits for an answer"};
inline constexpr Problem<Words> kFailsType{
    Severity::kError, 438,
    "an answer cannot be a `{}` instead: `fails` takes an enum, a struct or a union"};
inline constexpr Problem<Words, Words> kNotOnAllowList{
    Severity::kError, 439, "sync message `{}::{}` is not on the list of `--sync-allowlist`"};
inline constexpr Problem<Words> kAllowedAsync{Severity::kError, 440,
                                              "`{}` is listed, but not sync"};
inline constexpr Problem<Words> kAllowedGone{
    Severity::kError, 441, "`{}` is listed, but there is no such message any more"};
inline constexpr Problem<Words> kAllowListLine{
    Severity::kError, 442, "expected `[PFoo::Message]`, `key = value` or a comment, found `{}`"};
inline constexpr Problem<Words> kNoDescription{Severity::kError, 443,
                                               "`{}` is listed without a `description`"};
inline constexpr Remark<> kFirstListedHere{"first listed here"};
inline constexpr Problem<Words> kListedTwice{Severity::kError, 444, "`{}` is listed twice"};
inline constexpr Problem<Words> kNoReason{
    Severity::kWarning, 445, "sync message `{}` does not say why: `[Because=\"...\"]`"};
inline constexpr Problem<Words> kSyncCircle{Severity::kError, Severity::kWarning, 446,
                                            "processes can wait for each other forever: {}"};
inline constexpr Remark<Words, Words, Words> kWaitsHere{"`{}` waits for `{}` in `{}`"};
inline constexpr Problem<Words> kNotConstructible{Severity::kWarning, 447,
                                                  "nothing constructs managed protocol `{}`"};
inline constexpr Problem<Words> kReasonMisplaced{Severity::kError, 448,
                                                 "message `{}` has a `Because`, but is not sync"};
inline constexpr Problem<Words> kVirtualTemplate{
    Severity::kError, Severity::kWarning, 449,
    "message `{}` is `VirtualSendImpl`, but async with `returns`: its `SendX` is a template"};

// --- files -------------------------------------------------------------------------------------

inline constexpr Problem<Words, Words> kCannotRead{Severity::kError, 501, "cannot read `{}`: {}"};
inline constexpr Problem<Words> kIncludeNotFound{
    Severity::kError, 502, "`{}` is neither beside this file nor in a folder given with -I"};
inline constexpr Problem<Words> kWrongEnding{Severity::kError, 503,
                                             "`{}` ends in none of .idl, .idlh, .ipdl and .ipdlh"};
inline constexpr Problem<Words> kIncludedTwice{Severity::kWarning, 504, "`{}` is included already"};
inline constexpr Remark<> kFirstIncludedHere{"first included here"};
inline constexpr Problem<Words, Words> kOutputsCollide{
    Severity::kError, 505, "`{}` and `{}` would be written to the same generated files"};

// 601 and 602 are retired: "needs what the runtime does not have yet".

// --- differences -------------------------------------------------------------------------------

// What `batonc diff` finds. Errors break the wire: an older and a newer peer misunderstand or
// refuse each other. The first argument of most is a phrase: "field `width` of struct
// `media::Frame`".

inline constexpr Problem<Words, Words, Words> kWireTypeChanged{Severity::kError, 701,
                                                               "{} has the type `{}`, was `{}`"};
inline constexpr Problem<Words> kWireGone{Severity::kError, 702, "{} is gone"};
inline constexpr Problem<Words> kWireInserted{Severity::kError, 703,
                                              "{} is new, and not behind all the others"};
inline constexpr Problem<Words, std::int64_t, std::int64_t> kWireMoved{
    Severity::kError, 704, "{} has the number {} on the wire, had {}"};
inline constexpr Problem<Words, std::int64_t> kWireNoSince{Severity::kError, 705,
                                                           "{} is new, but not marked [Since={}]"};
inline constexpr Problem<Words> kWireNeverAbsent{
    Severity::kError, 706, "{} is new, and older peers send nothing that it could be"};
inline constexpr Problem<Words, std::int64_t, std::int64_t> kWireValueChanged{
    Severity::kError, 707, "{} has the value {}, had {}"};
inline constexpr Problem<Words, Words, Words> kWireDefaultChanged{
    Severity::kError, 708, "{} is {} when it is absent, was {}"};
inline constexpr Problem<Words, Words, Words> kWireBoundsChanged{Severity::kError, 709,
                                                                 "{} is limited by {}, was by {}"};
inline constexpr Problem<Words> kWireMessageGone{Severity::kError, 710,
                                                 "{} is gone instead of marked [Removed]"};
inline constexpr Problem<Words, Words, Words> kWireMessageChanged{Severity::kError, 711,
                                                                  "{} {}, but {} before"};
inline constexpr Problem<Words> kWireProtocolGone{Severity::kError, 712, "{} is gone"};
inline constexpr Problem<Words, Words, Words> kWireLifetimeChanged{Severity::kError, 713,
                                                                   "{} exists {}, but {} before"};
inline constexpr Problem<Words, Words, Words> kWireEnumChanged{Severity::kError, 714,
                                                               "{} {}, but {} before"};
inline constexpr Problem<Words, Words> kWireManagerGone{Severity::kError, 715,
                                                        "{} is no longer managed by `{}`"};
inline constexpr Problem<Words> kWireUnknownMember{Severity::kError, 716,
                                                   "{} is new, and older peers refuse it"};
inline constexpr Problem<Words> kWireNewPart{
    Severity::kError, 717, "{} is new, and messages cannot grow: make another one"};
inline constexpr Remark<> kOlderIsHere{"the older one"};
inline constexpr Remark<> kNewerIsHere{"the newer one"};

// Warnings break the source: what users wrote against the generated C++ stops to compile.

inline constexpr Problem<Words, Words> kSourceRenamed{Severity::kWarning, 751,
                                                      "{} was called `{}`"};
inline constexpr Problem<Words, Words, Words> kSourceTypeChanged{
    Severity::kWarning, 752, "{} has the type `{}`, was `{}`; the same on the wire"};
inline constexpr Problem<Words, Words> kSourceNewHandler{Severity::kWarning, 753,
                                                         "{} is new: its receiver must have `{}`"};
inline constexpr Problem<Words> kSourceGone{Severity::kWarning, 755, "{} is gone"};
inline constexpr Problem<Words, Words, Words> kSourceMoved{
    Severity::kWarning, 756, "{} is generated in `{}.h`, was in `{}.h`"};
inline constexpr Problem<Words, Words, Words> kSourceUseChanged{Severity::kWarning, 757,
                                                                "{} {}, but {} before"};

// Notes break nothing.

inline constexpr Problem<Words> kCompatibleNew{Severity::kNote, 781, "{} is new"};
inline constexpr Problem<Words, Words, Words> kCompatibleChange{Severity::kNote, 782,
                                                                "{} has {}, had {}"};

}  // namespace batonc
