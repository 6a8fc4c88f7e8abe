#include <string>
#include <unordered_map>
#include <vector>

#include "compiler/check/attribute_list.h"
#include "compiler/check/passes.h"
#include "compiler/diag/problems.h"

namespace batonc {
namespace {

class AllowListChecker {
 public:
  AllowListChecker(CheckContext& context, const SyncAllowList& list) : context_(context) {
    for (const SyncAllowList::Entry& entry : list.entries) {
      by_name_.emplace(entry.protocol + "::" + entry.message, &entry);
    }
    for (const Protocol& protocol : context.model.protocols) {
      protocols_[protocol.name] = true;
      for (const Message& message : protocol.messages) CheckMessage(protocol, message);
    }
    for (const SyncAllowList::Entry& entry : list.entries) CheckEntry(entry);
  }

 private:
  void CheckMessage(const Protocol& protocol, const Message& message) {
    const std::string name = protocol.name + "::" + message.name;
    bool is_listed = Enter(name, message.is_sync);
    if (message.constructs) is_listed = Enter(name + "Constructor", message.is_sync) || is_listed;
    if (!message.is_sync || is_listed) return;
    context_.Report(kNotOnAllowList, message.name_span, protocol.name, message.name);
  }

  // A constructor may be listed by either of its names. True if the list has this one.
  bool Enter(const std::string& name, bool message_is_sync) {
    bool& is_sync = is_sync_[name];
    is_sync = is_sync || message_is_sync;
    return by_name_.contains(name);
  }

  // What is listed of protocols that are not compiled is nobody's concern.
  void CheckEntry(const SyncAllowList::Entry& entry) {
    if (!protocols_.contains(entry.protocol)) return;
    const std::string name = entry.protocol + "::" + entry.message;
    const auto found = is_sync_.find(name);
    if (found == is_sync_.end()) {
      if (!entry.has_platform) context_.diagnostics.Report(kAllowedGone, entry.span, name);
    } else if (!found->second) {
      context_.diagnostics.Report(kAllowedAsync, entry.span, name);
    }
  }

  CheckContext& context_;
  std::unordered_map<std::string, const SyncAllowList::Entry*> by_name_;
  std::unordered_map<std::string, bool> protocols_;
  std::unordered_map<std::string, bool> is_sync_;  // of each message that there is
};

// IPDL has no word for the reason.
void CheckReasons(CheckContext& context) {
  context.ForEach<ProtocolId>([&](const DeclarationSyntax& syntax, const Protocol& protocol) {
    if (context.IsIpdl(protocol.file)) return;
    for (const MessageSyntax& message : std::get<ProtocolSyntax>(syntax.what).messages) {
      const bool says_why = FindAttribute(message.attributes, "Because") != nullptr;
      if (!message.is_sync || says_why) continue;
      context.Report(kNoReason, message.name.span, message.name.text);
    }
  });
}

}  // namespace

void CheckSyncReasons(CheckContext& context) {
  if (context.options.allow_list != nullptr) {
    AllowListChecker(context, *context.options.allow_list);
  } else {
    CheckReasons(context);
  }
}

}  // namespace batonc
