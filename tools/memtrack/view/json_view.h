// What programs read: docs/memtrack-json.md says what each member means. Members are added, never
// changed; kJsonVersion grows when that is broken.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "tools/memtrack/model/model.h"
#include "tools/memtrack/rules/verdict.h"
#include "tools/memtrack/view/tables.h"

namespace memtrack {

inline constexpr int kJsonVersion = 1;

// One document: "processes" (ps), "segments" (segs, grid), "tags" (tags).
nlohmann::ordered_json ProcessesJson(const Model& model, const TableOptions& options);
nlohmann::ordered_json SegmentsJson(const Model& model, const TableOptions& options);
nlohmann::ordered_json TagsJson(std::span<const Model> models, const TableOptions& options);
nlohmann::ordered_json DiffJson(const Model& older, const Model& newer,
                                const TableOptions& options);
// "verdicts", for watch, replay and why.
nlohmann::ordered_json VerdictsJson(std::span<const Model> models,
                                    const std::vector<Verdict>& verdicts);

// With a line break. All that is not ASCII, or not to be printed, is an escape of JSON, so that no
// terminal obeys it; bytes that are no UTF-8 become U+FFFD.
std::string JsonText(const nlohmann::ordered_json& json);

}  // namespace memtrack
