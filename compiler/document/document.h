// HTML pages about a set of protocols: `batonc doc`.
//
// index.html with the tree of actors and all names, and one page per file: "media/camera.idl.html".
// Pages stand alone: no scripts, nothing fetched, readable in the light, in the dark and on a
// phone.
#pragma once

#include <string>
#include <vector>

#include "compiler/check/model.h"

namespace batonc {

struct Page {
  std::string path;  // below the output folder
  std::string html;
};

// About every file of the model but preludes, so that all links lead somewhere.
std::vector<Page> Document(const Model& model);

}  // namespace batonc
