#include <fmt/format.h>

#include <algorithm>

#include "compiler/document/file_page.h"
#include "compiler/document/html.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

constexpr std::size_t kLineWidth = 72;  // characters of a signature on one line

class MessageHtml {
 public:
  MessageHtml(const Links& links, const Protocol& owner, const std::string& page)
      : links_(links), owner_(owner), page_(page) {}

  std::string Html(const Message& message) const {
    std::string html =
        fmt::format("<div class=\"message\" id=\"{}\">\n", Escaped(Links::Anchor(owner_, message)));
    html += "<pre>" + Signature(message) + "</pre>\n";
    html += ChipsOf(message) + DocHtml(message.doc);
    html += Remarkable("Parameters", message.parameters);
    if (message.returns) html += Remarkable("Answer", *message.returns);
    return html + "</div>\n";
  }

 private:
  std::string ChipsOf(const Message& message) const {
    std::vector<std::string> words;
    if (message.constructs) words.push_back("constructor");
    if (message.is_destructor) words.push_back("destructor");
    for (std::string& attribute : SpellAttributes(message)) words.push_back(std::move(attribute));
    const std::string sync = message.is_sync ? "<span class=\"chip sync\">sync: the sender waits"
                                               "</span>"
                                             : "";
    return sync + Chips(words);
  }

  // As text, to see how wide it would be; and as HTML.
  std::string Plain(const std::vector<Field>& fields) const {
    std::string text;
    for (const Field& field : fields) {
      text += Spell(links_.model(), field.type, NameStyle::kShort) + " " + field.name + ", ";
    }
    return text;
  }
  std::string List(const std::vector<Field>& fields, bool one_per_line) const {
    std::string html;
    for (const Field& field : fields) {
      if (!html.empty()) html += one_per_line ? ",\n    " : ", ";
      html += links_.TypeHtml(field.type, page_) + " " + Escaped(field.name);
    }
    return one_per_line && !fields.empty() ? "\n    " + html : html;
  }

  std::string Signature(const Message& message) const {
    std::string plain = message.name + Plain(message.parameters);
    if (message.returns) plain += Plain(*message.returns);
    const bool is_long = plain.size() > kLineWidth;
    std::string html = fmt::format("{} <b>{}</b>({})", message.is_sync ? "sync" : "async",
                                   Name(message), List(message.parameters, is_long));
    const std::string_view before = is_long ? "\n  " : " ";
    if (message.returns) {
      html += fmt::format("{}returns ({})", before, List(*message.returns, is_long));
    }
    if (message.fails) {
      html += fmt::format("{}fails ({})", before, links_.TypeHtml(*message.fails, page_));
    }
    return html;
  }

  std::string Name(const Message& message) const {
    const std::string name = Escaped(message.name);
    const std::string link = message.constructs ? links_.To(*message.constructs, page_) : "";
    return link.empty() ? name : fmt::format("<a href=\"{}\">{}</a>", Escaped(link), name);
  }

  // Those with more to say than type and name.
  std::string Remarkable(std::string_view title, const std::vector<Field>& fields) const {
    std::vector<Field> some;
    std::ranges::copy_if(fields, std::back_inserter(some), [this](const Field& field) {
      return !field.doc.empty() || field.default_value ||
             !SpellAttributes(links_.model(), field).empty();
    });
    if (some.empty()) return "";
    return fmt::format("<h3>{}</h3>\n", title) + FieldTable(links_, some, page_);
  }

  const Links& links_;
  const Protocol& owner_;
  const std::string& page_;
};

std::string Relatives(const Links& links, std::string_view words,
                      const std::vector<ProtocolId>& protocols, const std::string& page) {
  if (protocols.empty()) return "";
  std::string html = fmt::format("<p>{} ", words);
  for (const ProtocolId id : protocols) {
    const std::string link = links.To(id, page);
    const std::string name = Escaped(links.model().protocol(id).name);
    if (id != protocols.front()) html += ", ";
    html += link.empty() ? name : fmt::format("<a href=\"{}\">{}</a>", Escaped(link), name);
  }
  return html + "</p>\n";
}

}  // namespace

std::string ProtocolSection(const Links& links, const Protocol& protocol, const std::string& page) {
  std::vector<std::string> chips = SpellAttributes(protocol);
  if (protocol.version > 1) chips.push_back(fmt::format("version {}", protocol.version));
  std::string html = SectionHead(protocol, protocol.is_sync ? "sync protocol" : "protocol", chips);
  html += Relatives(links, "Managed by", protocol.managers, page);
  html += Relatives(links, "Manages", protocol.manages, page);
  if (protocol.messages.empty()) html += "<p class=\"faint\">No messages.</p>\n";

  constexpr std::string_view kTitles[] = {"The parent receives", "The child receives",
                                          "Both sides receive"};
  const MessageHtml messages(links, protocol, page);
  for (const Direction direction : {Direction::kToParent, Direction::kToChild, Direction::kBoth}) {
    std::string list;
    for (const Message& message : protocol.messages) {
      if (message.direction == direction) list += messages.Html(message);
    }
    if (list.empty()) continue;
    html += fmt::format("<h3>{}</h3>\n{}", kTitles[static_cast<std::size_t>(direction)], list);
  }
  return html;
}

}  // namespace batonc
