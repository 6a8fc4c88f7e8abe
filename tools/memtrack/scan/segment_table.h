// The segments that one scan, or one thread of it, has come across, each looked at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tools/memtrack/scan/descriptor_info.h"
#include "tools/memtrack/scan/file_facts.h"
#include "tools/memtrack/scan/link_target.h"
#include "tools/memtrack/scan/mapped_range.h"
#include "tools/memtrack/scan/proc_folder.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

class SegmentTable {
 public:
  // `mounts` must outlive it. `is_live`: the names of /proc lead to the real things.
  SegmentTable(const MountTable& mounts, bool is_live) : mounts_(&mounts), is_live_(is_live) {}

  // What descriptor `descriptor` in the open folder `descriptors` (/proc/PID/fd) leads to, whose
  // name said that it is `named`. std::nullopt when it is not.
  Result<std::optional<SegmentKey>> LookAtDescriptor(const ProcFolder& descriptors, int descriptor,
                                                     const NamedSegment& named,
                                                     const DescriptorInfo& info);

  // The same for a mapping of the process whose folder is `process`. `space` is added to the device
  // of SysV memory: see SegmentKey.
  Result<std::optional<SegmentKey>> LookAtMapping(const ProcFolder& process,
                                                  const MappedRange& range,
                                                  const NamedSegment& named, std::uint64_t space);

  // Looks again at a segment of an earlier scan, through a holder of then. False when it is not
  // there any more. `mapping` may be refused without being gone: what is known stays. What has not
  // been changed since (Segment::changed) is asked for its bytes alone: its seals are those of
  // then.
  Result<bool> LookAgain(const Segment& earlier, const ProcFolder& descriptors, int descriptor);
  Result<bool> LookAgain(const Segment& earlier, const ProcFolder& process,
                         const MappingHold& mapping);

  bool Knows(const SegmentKey& key) const { return segments_.contains(key); }

  // Not everything on an unknown device is worth asking for its name more than once.
  bool IsKnownAsOther(const MappedRange& range) const {
    return others_.contains({range.device, range.inode});
  }
  void RememberAsOther(const MappedRange& range) { others_.insert({range.device, range.inode}); }

  // Takes over what `other` has seen, where it has seen more.
  void Absorb(SegmentTable&& other);

  std::map<SegmentKey, Segment> Take() && { return std::move(segments_); }

 private:
  struct Sight;
  bool IsMemory(const NamedSegment& named, std::uint64_t device, const ProcFolder& folder,
                const std::string& up);
  bool IsForeignMemory(std::uint64_t device, const ProcFolder& folder, const std::string& up);
  Result<std::optional<Sight>> Look(const ProcFolder& descriptors, int descriptor,
                                    const NamedSegment& named);
  Result<bool> NoteSight(const Sight& sight, const NamedSegment& named, const DescriptorInfo& info);
  Segment& Note(const SegmentKey& key, const std::string& name);
  void NoteUnchanged(const Segment& earlier, const FileFacts& facts);
  std::optional<SegmentKey> NoteRecorded(const NamedSegment& named, const DescriptorInfo& info);
  Result<void> LookThroughMapping(const ProcFolder& process, const MappedRange& range,
                                  Segment& segment);

  const MountTable* mounts_;
  bool is_live_;
  bool may_follow_mappings_ = true;  // until it is refused: CAP_CHECKPOINT_RESTORE
  // Of mount namespaces other than ours: devices that one of them says are memory, for all; and
  // those that one of them does not have, for that one alone (device, namespace).
  std::set<std::uint64_t> foreign_memory_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> foreign_others_;
  std::map<SegmentKey, Segment> segments_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> others_;  // device, inode
};

}  // namespace memtrack
