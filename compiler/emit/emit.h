// Prints a plan: STEM.h (types), STEMParent.h/.cc and STEMChild.h/.cc (the two classes of each
// protocol), STEM.fbs (the wire format for flatc) and STEM.json (the model for other tools). Always
// all of them, so that a build knows what comes out before it has read the .idl.
//
// docs/generated-code.md shows the C++, docs/model-json.md the .json.
#pragma once

#include <string>
#include <vector>

#include "compiler/check/model.h"
#include "compiler/lower/plan.h"

namespace batonc {

struct OutputFile {
  std::string path;  // below the output folder: "media/cameraParent.h"
  std::string text;
};

// `plan` is that of `file`.
std::vector<OutputFile> Emit(const Model& model, FileId file, const Plan& plan);

// STEM.json alone.
std::string EmitJson(const Model& model, FileId file);

}  // namespace batonc
