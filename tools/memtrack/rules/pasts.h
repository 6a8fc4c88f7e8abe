// What is known of each piece of memory from before: since when it has been there, and who made it.
// Kept apart from the models, of which a long watch lets most go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tools/memtrack/model/model.h"

namespace memtrack {

// Times are those of Model::clock, unless they say otherwise.
struct Past {
  std::optional<std::int64_t> born;       // by the clock on the wall of then
  std::optional<std::int64_t> booted_at;  // as Model::booted_at, of when it was first seen
  std::int64_t seen_since = 0;
  std::int64_t not_before = 0;  // born at the earliest then: the pass before did not see it
  // Who made it, by how it was held. Nothing: no evidence. To be alone with a mapping is none, as a
  // receiver is whose sender has let go between two passes. It is
  //   - to be alone, at first sight, with a descriptor, or while it lies in a socket;
  //   - to be alone at first sight, before another comes to it;
  //   - to have ended, where only one is left of those who could write it, with a mapping alone.
  // Never who was started after it was born.
  std::optional<ProcessKey> maker;
  std::optional<ProcessKey> first_alone;  // a mapping was all it had
  std::vector<ProcessKey> writers;        // of the last pass in which there were several holders
  std::size_t last_pass = 0;

  // Whether a process was there when it was born; true where that is not known.
  bool WasThereAtBirth(const ProcessKey& process) const;

  // When it was born, since boot, as the clock on the wall went when it was first seen. Nothing:
  // not known, or by a clock that has been set since.
  std::optional<std::int64_t> Birth() const;
};

class Pasts {
 public:
  // The next model, in the order of their times. Pieces that have not been seen for long, and what
  // was made by processes that have ended, are forgotten some time later.
  void Note(const Model& model);

  // Null for what no model has had; else good until the next Note.
  const Past* Of(const SegmentUse& use) const;

  // Who has made most pieces of a tag of which that is known, those that are gone among them: one
  // of `among`, or anybody where that is empty. Where it is a single process, also one that was
  // seen to share a piece with it.
  std::optional<ProcessKey> MakerOf(const std::string& tag,
                                    const std::vector<ProcessKey>& among) const;

 private:
  Past FirstSightOf(const Model& model, const SegmentUse& use) const;
  void LookForMaker(const Model& model, const SegmentUse& use, Past& past);

  std::map<SegmentKey, Past> pasts_;
  // Of one tag: how many pieces each has made, and which two were seen to hold the same one.
  struct Makers {
    std::map<ProcessKey, std::uint64_t> made;
    std::set<std::pair<ProcessKey, ProcessKey>> partners;  // both ways round
  };
  void NotePartners(const Model& model, const SegmentUse& use);
  void Forget(const Model& model);

  std::map<std::string, Makers> makers_;
  std::size_t passes_ = 0;
  std::int64_t last_clock_ = 0;
};

}  // namespace memtrack
