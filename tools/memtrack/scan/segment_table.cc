#include "tools/memtrack/scan/segment_table.h"

#include <time.h>

#include <fmt/format.h>

#include "tools/memtrack/scan/process_stat.h"

namespace memtrack {
namespace {

void Adopt(const FileFacts& facts, Segment& segment) {
  segment.size = facts.size;
  segment.allocated = facts.allocated;
  segment.born = facts.born;
  segment.creator_uid = facts.uid;
}

// Nothing if the next change may get the same time: the clock that these times come from goes in
// ticks, and has not gone on since.
std::optional<std::int64_t> SettledChange(const FileFacts& facts) {
  timespec tick = {};
  if (::clock_gettime(CLOCK_REALTIME_COARSE, &tick) != 0) return std::nullopt;
  const std::int64_t now = std::int64_t{tick.tv_sec} * 1'000'000'000 + tick.tv_nsec;
  return facts.changed && *facts.changed < now ? facts.changed : std::nullopt;
}

std::string NameOf(const MappedRange& range) {
  return fmt::format("map_files/{:x}-{:x}", range.begin, range.end);
}

bool IsUnchanged(const Segment& earlier, const FileFacts& facts) {
  return earlier.changed && earlier.changed == facts.changed && earlier.born == facts.born;
}

// The whole process is short of descriptors when it cannot even open this; then nothing that would
// be said about the segment is true.
bool IsShort(const std::error_code& error) {
  return WhyFailing(error) == Failing::kShort;
}

Result<bool> NotThereAnyMore(const std::error_code& error) {
  if (IsShort(error)) return baton::Fail(error);
  return false;
}

}  // namespace

Segment& SegmentTable::Note(const SegmentKey& key, const std::string& name) {
  const auto [found, is_new] = segments_.try_emplace(key);
  if (is_new) {
    found->second.key = key;
    found->second.name = name;
  }
  return found->second;
}

void SegmentTable::NoteUnchanged(const Segment& earlier, const FileFacts& facts) {
  Segment& segment = segments_[earlier.key];
  if (segment.size) return;
  segment = earlier;
  segment.size = facts.size;
  segment.allocated = facts.allocated;
}

// Whether the memory lies where its name says, as far as that can be known without asking a file
// server: of another mount namespace the process itself tells. `up` leads from `folder` to its own.
bool SegmentTable::IsMemory(const NamedSegment& named, std::uint64_t device,
                            const ProcFolder& folder, const std::string& up) {
  if (!DeviceFits(named, device, *mounts_)) return false;
  const bool is_known = !named.name.starts_with('/') || mounts_->memory_devices.contains(device);
  return is_known || !is_live_ || IsForeignMemory(device, folder, up);
}

// What one namespace does not have another may: a file that was handed out of a container.
bool SegmentTable::IsForeignMemory(std::uint64_t device, const ProcFolder& folder,
                                   const std::string& up) {
  if (foreign_memory_.contains(device)) return true;
  std::string text;
  if (!folder.ReadLink(up + "ns/mnt", text)) return false;
  const auto space = ParseNamespace(text);
  if (space && foreign_others_.contains({device, *space})) return false;
  if (!folder.Read(up + "mountinfo", text)) return false;
  if (ParseMountInfo(text).memory_devices.contains(device)) {
    foreign_memory_.insert(device);
    return true;
  }
  if (space) foreign_others_.insert({device, *space});
  return false;
}

// What is seen through a descriptor.
struct SegmentTable::Sight {
  SegmentKey key;
  FileFacts facts;
  const ProcFolder* descriptors = nullptr;
  std::string name;  // below them
};

Result<std::optional<SegmentTable::Sight>> SegmentTable::Look(const ProcFolder& descriptors,
                                                              int descriptor,
                                                              const NamedSegment& named) {
  std::string name = std::to_string(descriptor);
  const auto facts = FactsOf(descriptors.native(), name);
  if (!facts) {
    if (IsShort(facts.error())) return baton::Fail(facts.error());
    return std::optional<Sight>();
  }
  // A dma-buf is no regular file, and its file system is none of anybody's.
  const bool is_file = facts->is_regular || named.kind == SegmentKind::kDmabuf;
  if (!is_file || !IsMemory(named, facts->device, descriptors, "../")) {
    return std::optional<Sight>();
  }
  return std::optional(Sight{{facts->device, facts->inode, KindOnDevice(named, facts->device)},
                             *facts,
                             &descriptors,
                             std::move(name)});
}

// False: the name leads elsewhere by now. All that is asked beyond the first look is asked of the
// thing itself, pinned and looked at once more.
Result<bool> SegmentTable::NoteSight(const Sight& sight, const NamedSegment& named,
                                     const DescriptorInfo& info) {
  const auto seen = segments_.find(sight.key);
  const bool has_seals =
      seen != segments_.end() && (seen->second.seals || !named.may_be_huge);  // no mapping tells
  if (has_seals && seen->second.size) return true;
  if (named.kind == SegmentKind::kDmabuf) {
    Segment& segment = Note(sight.key, named.name);
    Adopt(sight.facts, segment);
    if (info.dmabuf_size) segment.size = info.dmabuf_size;
    segment.allocated = segment.size;
    if (segment.name.empty()) segment.name = info.dmabuf_exporter;
    return true;
  }
  const auto pinned = sight.descriptors->Pin(sight.name);
  if (!pinned) return NotThereAnyMore(pinned.error());
  const auto facts = FactsOf(pinned->get(), "");
  if (!facts) return NotThereAnyMore(facts.error());
  if (facts->device != sight.facts.device || facts->inode != sight.facts.inode) return false;
  const auto target = TargetOfPinned(*pinned);
  if (!target) return NotThereAnyMore(target.error());
  const auto named_again = ClassifyTarget(*target, *mounts_);
  if (!named_again || named_again->name != named.name) return false;
  Segment& segment = Note(sight.key, named.name);
  Adopt(*facts, segment);
  segment.changed = SettledChange(*facts);
  // Only what was made to be opened by whoever has it is opened: to open a file may be an event for
  // others, and may wait for them.
  if (named.may_be_huge) {
    const auto opened = OpenPinned(*pinned);
    if (opened) {
      segment.seals = SealsOf(opened->get());
      segment.attributes = AttributesOf(opened->get());
      return true;
    }
    if (IsShort(opened.error())) return baton::Fail(opened.error());
  }
  segment.attributes = AttributesOfPinned(*pinned);
  return true;
}

Result<std::optional<SegmentKey>> SegmentTable::LookAtDescriptor(const ProcFolder& descriptors,
                                                                 int descriptor,
                                                                 const NamedSegment& named,
                                                                 const DescriptorInfo& info) {
  if (!is_live_) return NoteRecorded(named, info);
  BATON_TRY(const auto sight, Look(descriptors, descriptor, named));
  if (!sight) return std::optional<SegmentKey>();
  BATON_TRY(const bool is_there, NoteSight(*sight, named, info));
  return is_there ? std::optional(sight->key) : std::nullopt;
}

std::optional<SegmentKey> SegmentTable::NoteRecorded(const NamedSegment& named,
                                                     const DescriptorInfo& info) {
  if (!info.inode) return std::nullopt;
  const bool has_path = named.name.starts_with('/');
  const std::uint64_t device = has_path ? mounts_->DeviceOf(named.name) : kKernelMount;
  const SegmentKey key = {device, *info.inode, named.kind};
  Segment& segment = Note(key, named.name);
  if (info.dmabuf_size) segment.size = segment.allocated = info.dmabuf_size;
  return key;
}

Result<std::optional<SegmentKey>> SegmentTable::LookAtMapping(const ProcFolder& process,
                                                              const MappedRange& range,
                                                              const NamedSegment& named,
                                                              std::uint64_t space) {
  if (!IsMemory(named, range.device, process, "")) return std::optional<SegmentKey>();
  SegmentKey key = {range.device, range.inode, KindOnDevice(named, range.device)};
  if (key.kind == SegmentKind::kSysV) key.device = kKernelMount | space << 32;
  Segment& segment = Note(key, named.name);
  if (!segment.size) BATON_CHECKED(LookThroughMapping(process, range, segment));
  return std::optional(key);
}

Result<void> SegmentTable::LookThroughMapping(const ProcFolder& process, const MappedRange& range,
                                              Segment& segment) {
  if (!is_live_ || !may_follow_mappings_) return {};
  const auto pinned = process.Pin(NameOf(range));
  if (!pinned) {
    if (IsShort(pinned.error())) return baton::Fail(pinned.error());
    // EACCES is said of this process alone.
    if (pinned.error() == std::errc::operation_not_permitted) may_follow_mappings_ = false;
    return {};
  }
  const auto facts = FactsOf(pinned->get(), "");
  const bool is_same = facts && facts->inode == range.inode && facts->device == range.device;
  if (!is_same) return {};
  Adopt(*facts, segment);
  segment.changed = SettledChange(*facts);
  segment.attributes = AttributesOfPinned(*pinned);
  return {};
}

Result<bool> SegmentTable::LookAgain(const Segment& earlier, const ProcFolder& descriptors,
                                     int descriptor) {
  const NamedSegment named = {
      .kind = earlier.key.kind,
      .name = earlier.name,
      .may_be_huge = earlier.key.kind == SegmentKind::kMemfd ||
                     (earlier.key.kind == SegmentKind::kHugetlb && !earlier.name.starts_with('/'))};
  DescriptorInfo info;
  if (earlier.key.kind == SegmentKind::kDmabuf) info.dmabuf_size = earlier.size;
  BATON_TRY(const auto sight, Look(descriptors, descriptor, named));
  if (!sight || sight->key != earlier.key) return false;
  // The path of a file may change with that of a folder, which changes nothing of the file.
  const bool is_whole = earlier.seals && !earlier.name.starts_with('/');
  if (is_whole && IsUnchanged(earlier, sight->facts)) {
    NoteUnchanged(earlier, sight->facts);
    return true;
  }
  return NoteSight(*sight, named, info);
}

Result<bool> SegmentTable::LookAgain(const Segment& earlier, const ProcFolder& process,
                                     const MappingHold& mapping) {
  const MappedRange range = {.begin = mapping.address,
                             .end = mapping.address + mapping.length,
                             .device = earlier.key.device & 0xffffffff,
                             .inode = earlier.key.inode};
  if (is_live_ && may_follow_mappings_ && earlier.changed) {
    const auto facts = FactsOf(process.native(), NameOf(range));
    const bool is_same = facts && facts->inode == range.inode && facts->device == range.device;
    if (is_same && IsUnchanged(earlier, *facts)) {
      NoteUnchanged(earlier, *facts);
      return true;
    }
  }
  Segment& segment = Note(earlier.key, earlier.name);
  BATON_CHECKED(LookThroughMapping(process, range, segment));
  if (!segment.seals) segment.seals = earlier.seals;  // no mapping tells
  if (segment.size || !may_follow_mappings_) return true;
  segments_.erase(earlier.key);
  return false;
}

void SegmentTable::Absorb(SegmentTable&& other) {
  for (auto& [key, segment] : other.segments_) {
    const auto [found, is_new] = segments_.try_emplace(key, std::move(segment));
    // Through a descriptor more is seen than through a mapping: seals.
    const bool knows_more =
        (!found->second.size && segment.size) || (!found->second.seals && segment.seals);
    if (!is_new && knows_more) found->second = std::move(segment);
  }
}

}  // namespace memtrack
