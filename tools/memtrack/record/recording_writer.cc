#include "tools/memtrack/record/recording_writer.h"

#include <nlohmann/json.hpp>

#include "tools/memtrack/model/complete.h"
#include "tools/memtrack/record/json_rows.h"

namespace memtrack {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string LineOf(const OrderedJson& json) {
  return json.dump(-1, ' ', true, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace

std::string RecordingHeader() {
  return LineOf({{"memtrack", "recording"}, {"version", kRecordingVersion}});
}

std::string RecordingLine(const Snapshot& snapshot) {
  return LineOf(JsonFrom(Completed(snapshot)));
}

}  // namespace memtrack
