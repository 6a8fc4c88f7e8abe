// The page of one file.
#pragma once

#include <string>

#include "compiler/document/links.h"

namespace batonc {

// HTML of the whole page; the file has one.
std::string FilePage(const Links& links, FileId file);

// The sections of protocols, the longest ones: heading, doc, tree, messages by direction.
std::string ProtocolSection(const Links& links, const Protocol& protocol, const std::string& page);

// <h2> with anchor, kind and name, the namespace before it; then `chips`, then the doc.
std::string SectionHead(const DeclarationHead& head, std::string_view kind,
                        const std::vector<std::string>& chips);

// Small frames with a word each: attributes and the like. HTML escapes them.
std::string Chips(const std::vector<std::string>& words);

// A table of fields, parameters or answers: type, name, what limits it, its doc.
std::string FieldTable(const Links& links, const std::vector<Field>& fields,
                       const std::string& page);

}  // namespace batonc
