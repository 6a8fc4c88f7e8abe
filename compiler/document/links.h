// Where in the pages a declaration is.
#pragma once

#include <string>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

class Links {
 public:
  explicit Links(const Model& model);

  // "media/camera.idl.html", or empty for a file without a page.
  const std::string& PageOf(FileId file) const { return pages_[static_cast<std::size_t>(file)]; }

  // "media/camera.idl", wherever the file is on this machine; it has a page.
  std::string NameOf(FileId file) const {
    return PageOf(file).substr(0, PageOf(file).rfind(".html"));
  }

  // "media.PCamera": for id="...".
  static std::string Anchor(const DeclarationHead& head);
  static std::string Anchor(const Protocol& owner, const Message& message);

  // To be written in a page at `from`; empty where there is nothing to lead to.
  std::string To(const Declaration& declaration, const std::string& from) const;
  std::string ToPage(const std::string& page, const std::string& from) const;

  // The type with each name a link to its declaration; HTML.
  std::string TypeHtml(const Type& type, const std::string& from) const;

  const Model& model() const { return model_; }

 private:
  const Model& model_;
  std::vector<std::string> pages_;  // by FileId
};

}  // namespace batonc
