#include <string>
#include <vector>

#include "compiler/lower/lower_message.h"

namespace batonc {
namespace {

class Members {
 public:
  Members(const Model& model, const CppScope& scope, const Message& message, Side side)
      : types_(model, scope), message_(message), side_(side) {
    name_ = message.name + (message.constructs ? "Constructor" : "");
  }

  std::vector<std::string> List() && {
    if (message_.returns || message_.fails) AddReply();
    if (Sends(side_, message_.direction)) AddSend();
    if (Receives(side_, message_.direction)) AddRecv();
    return std::move(members_);
  }

 private:
  bool HasToken() const { return message_.returns && !message_.is_sync; }
  std::string ReplyType() const {
    return message_.returns || message_.fails ? "baton::Result<" + name_ + "Reply>"
                                              : "baton::Result<void>";
  }

  // "struct AskReply", "using AskReply = Picture"
  void AddValues(const std::string& name) {
    static const std::vector<Field> kNone;
    const std::vector<Field>& fields = message_.returns ? *message_.returns : kNone;
    if (fields.size() == 1) {
      members_.push_back("using " + name + " = " + types_.Name(fields.front().type));
    } else {
      members_.push_back("struct " + name);
    }
  }

  std::string Replier() const {
    if (!message_.fails) return "baton::Replier<" + name_ + "Reply>";
    return "baton::FallibleReplier<" + name_ + "Answer, " + types_.Name(*message_.fails) + ">";
  }

  void AddReply() {
    if (message_.fails) {
      AddValues(name_ + "Answer");
      members_.push_back("using " + name_ + "Reply = std::variant<" + name_ + "Answer, " +
                         types_.Name(*message_.fails) + ">");
    } else {
      AddValues(name_ + "Reply");
    }
    if (HasToken() && Receives(side_, message_.direction)) {
      members_.push_back("using " + name_ + "Replier = " + Replier());
    }
  }

  // The managed actor that a constructor is about, as `side_` sees it.
  std::string Managed() const {
    return types_.ParameterName(Type{ActorType{*message_.constructs, false}, {}}, side_);
  }

  std::string Parameters(bool sent, const std::string& last) const {
    std::string list;
    const auto add = [&](const std::string& part) { list += (list.empty() ? "" : ", ") + part; };
    if (message_.constructs) add("const " + Managed() + "& actor_");
    for (const Field& field : message_.parameters) {
      add(sent ? types_.Sent(field.type, field.name, side_)
               : types_.ParameterName(field.type, side_) + " " + field.name);
    }
    if (!last.empty()) add(last);
    return "(" + list + ") = delete";
  }

  void AddSend() {
    members_.push_back(HasToken() ? "template <class Token_> auto Send" + name_ +
                                        Parameters(true, "Token_&& token_")
                                  : ReplyType() + " Send" + name_ + Parameters(true, ""));
  }

  void AddRecv() {
    if (message_.constructs) {
      std::string list;
      for (const Field& field : message_.parameters) {
        list +=
            (list.empty() ? "" : ", ") + types_.ParameterName(field.type, side_) + " " + field.name;
      }
      members_.push_back(Managed() + " Alloc" + message_.name + std::string(NameOf(side_)) + "(" +
                         list + ") = delete");
    }
    members_.push_back(HasToken()
                           ? "void Recv" + name_ + Parameters(false, name_ + "Replier reply_")
                           : ReplyType() + " Recv" + name_ + Parameters(false, ""));
  }

  CppTypes types_;
  const Message& message_;
  Side side_;
  std::string name_;
  std::vector<std::string> members_;
};

}  // namespace

std::vector<std::string> DeletedMembers(const Model& model, const CppScope& scope,
                                        const Message& message, Side side) {
  return Members(model, scope, message, side).List();
}

}  // namespace batonc
