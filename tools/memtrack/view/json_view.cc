#include "tools/memtrack/view/json_view.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "tools/memtrack/model/tag.h"
#include "tools/memtrack/rules/trend.h"

namespace memtrack {
namespace {

using Json = nlohmann::ordered_json;

template <class Value>
Json OrNull(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

const char* WordOf(Share share) {
  switch (share) {
    case Share::kOwner: return "owner";
    case Share::kProportional: return "pss";
    case Share::kUnique: return "unique";
  }
  return "unknown";
}

// A whole number where it is one.
Json NumberJson(double number) {
  constexpr double kMostExact = 9007199254740992;  // of a double
  const bool is_whole = std::abs(number) <= kMostExact && std::floor(number) == number;
  return is_whole ? Json(static_cast<std::int64_t>(number)) : Json(number);
}

// What every document begins with.
Json Header(const char* view, const Model& model) {
  const Coverage& coverage = model.coverage;
  return {{"memtrack", kJsonVersion},
          {"view", view},
          {"time_ns", model.taken_at},
          {"clock_ns", model.clock},
          {"scan_ns", model.scan_nanos},
          {"share", WordOf(model.share)},
          {"bytes", model.bytes},
          {"uncharged", model.uncharged},
          {"machine",
           {{"shmem", model.machine.shmem},
            {"tmpfs_used", model.machine.tmpfs_used},
            {"explained", model.machine.explained},
            {"ghosts", model.machine.ghosts()}}},
          {"coverage",
           {{"is_partial", coverage.is_partial()},
            {"read", coverage.read},
            {"denied", coverage.denied},
            {"gone", coverage.gone},
            {"unsized_segments", coverage.unsized_segments},
            {"closed_sockets", coverage.closed_sockets},
            {"other_mount_namespaces", coverage.other_mount_namespaces},
            {"reused", coverage.reused}}}};
}

const ProcessKey& KeyOf(const Model& model, std::size_t process) {
  return model.processes[process].process.key;
}

Json HolderJson(const Model& model, const Holder& holder) {
  const Process& process = model.processes[holder.process].process;
  return {{"pid", process.key.pid},          {"start_time", process.key.start_time},
          {"command", process.command},      {"descriptors", holder.descriptors},
          {"mappings", holder.mappings},     {"private_mappings", holder.private_mappings},
          {"is_revoked", holder.is_revoked}, {"inherited", holder.inherited},
          {"charged", holder.charged}};
}

Json SegmentKeyJson(const SegmentKey& key) {
  return {{"device", key.device}, {"inode", key.inode}, {"kind", WordOf(key.kind)}};
}

Json ProcessKeyJson(const ProcessKey& key) {
  return {{"pid", key.pid}, {"start_time", key.start_time}};
}

Json ProcessOrNull(const Model& model, const std::optional<std::size_t>& process) {
  return process ? ProcessKeyJson(KeyOf(model, *process)) : Json();
}

Json PassageJson(const Model& model, const std::optional<Passage>& passage) {
  if (!passage) return Json();
  return {{"from", ProcessKeyJson(KeyOf(model, passage->from))},
          {"to", ProcessOrNull(model, passage->to)},
          {"lasting_ns", OrNull(passage->lasting)}};
}

Json ClaimJson(const Model& model, const ClaimUse& one) {
  Json json = ProcessKeyJson(KeyOf(model, one.process));
  json["state"] = memtrack::WordOf(one.claim.state);
  json["doubt"] = memtrack::WordOf(one.doubt);
  json["peer_pid"] = one.claim.peer_pid == 0 ? Json() : Json(one.claim.peer_pid);
  json["bytes"] = one.claim.bytes;
  json["transfers"] = one.claim.transfers;
  json["lasting_ns"] = OrNull(one.claim.lasting);
  return json;
}

Json SegmentJson(const Model& model, const SegmentUse& use) {
  Json json = SegmentKeyJson(use.segment.key);
  json["name"] = use.segment.name;
  json["tag"] = use.tag;
  json["size"] = OrNull(use.segment.size);
  json["bytes"] = use.bytes;
  json["is_estimated"] = use.is_estimated;
  json["born_ns"] = OrNull(use.segment.born);
  json["creator_uid"] = OrNull(use.segment.creator_uid);
  json["seals"] = OrNull(use.segment.seals);
  json["attributes"] = Json::object();
  for (const auto& [name, value] : use.segment.attributes) json["attributes"][name] = value;
  json["uncharged"] = use.uncharged;
  json["holders"] = Json::array();
  for (const Holder& holder : use.holders) json["holders"].push_back(HolderJson(model, holder));
  json["in_flight_to"] = Json::array();
  for (const std::size_t receiver : use.in_flight_to) {
    json["in_flight_to"].push_back(ProcessKeyJson(KeyOf(model, receiver)));
  }
  json["owner"] = ProcessOrNull(model, use.owner);
  json["passage"] = PassageJson(model, use.passage);
  json["claims"] = Json::array();
  for (const ClaimUse& one : use.claims) json["claims"].push_back(ClaimJson(model, one));
  return json;
}

Json VerdictJson(const Verdict& verdict) {
  Json json = {{"finding", WordOf(verdict.finding)},
               {"severity", WordOf(verdict.severity)},
               {"tag", verdict.tag},
               {"segments", Json::array()},
               {"processes", Json::array()},
               {"evidence", Json::object()},
               {"text", verdict.text},
               {"advice", verdict.advice}};
  for (const SegmentKey& key : verdict.segments) json["segments"].push_back(SegmentKeyJson(key));
  for (const ProcessKey& key : verdict.processes) json["processes"].push_back(ProcessKeyJson(key));
  for (const Evidence& one : verdict.evidence) json["evidence"][one.name] = NumberJson(one.value);
  return json;
}

// A table as objects, with the names of its columns.
Json RowsJson(const Table& table, const std::vector<const char*>& names) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json json = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].number) {
        json[names[i]] = NumberJson(*row[i].number);
      } else {
        json[names[i]] = row[i].csv;
      }
    }
    rows.push_back(std::move(json));
  }
  return rows;
}

}  // namespace

Json ProcessesJson(const Model& model, const TableOptions& options) {
  Json json = Header("ps", model);
  json["processes"] = Json::array();
  for (const ProcessUse& use : model.processes) {
    if (use.segments == 0 && use.in_flight == 0) continue;
    if (options.pid && *options.pid != use.process.key.pid) continue;
    const Process& process = use.process;
    json["processes"].push_back({{"pid", process.key.pid},
                                 {"start_time", process.key.start_time},
                                 {"parent_pid", process.parent_pid},
                                 {"uid", process.uid},
                                 {"command", process.command},
                                 {"cgroup", process.cgroup},
                                 {"is_stopped", process.is_stopped},
                                 {"leader_is_dead", process.leader_is_dead},
                                 {"is_readable", process.is_readable},
                                 {"pid_namespace", process.pid_namespace},
                                 {"mount_namespace", process.mount_namespace},
                                 {"charged", use.charged},
                                 {"proportional", use.proportional},
                                 {"unique", use.unique},
                                 {"held", use.held},
                                 {"mapped", use.mapped},
                                 {"in_flight", use.in_flight},
                                 {"segments", use.segments}});
  }
  return json;
}

Json SegmentsJson(const Model& model, const TableOptions& options) {
  Json json = Header("segs", model);
  json["segments"] = Json::array();
  for (const SegmentUse& use : model.segments) {
    if (IsShown(model, use, options)) json["segments"].push_back(SegmentJson(model, use));
  }
  return json;
}

Json TagsJson(std::span<const Model> models, const TableOptions& options) {
  Json json = Header("tags", models.back());
  std::vector<const char*> names = {"segments", "size", "bytes", "processes", "tag"};
  if (models.size() > 1) {
    names.insert(names.begin() + 4, {"segments_per_minute", "bytes_per_minute"});
  }
  json["tags"] = RowsJson(TagTable(models, options), names);
  return json;
}

Json DiffJson(const Model& older, const Model& newer, const TableOptions& options) {
  Json json = Header("diff", newer);
  json["older_time_ns"] = older.taken_at;
  json["tags"] =
      RowsJson(DiffTable(older, newer, options),
               {"segments", "segments_change", "new", "gone", "bytes", "bytes_change", "tag"});
  return json;
}

Json VerdictsJson(std::span<const Model> models, const std::vector<Verdict>& verdicts) {
  Json json = Header("verdicts", models.back());
  json["first_time_ns"] = models.front().taken_at;
  json["verdicts"] = Json::array();
  for (const Verdict& verdict : verdicts) json["verdicts"].push_back(VerdictJson(verdict));
  return json;
}

std::string JsonText(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace memtrack
