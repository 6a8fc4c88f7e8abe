#include "tools/memtrack/rules/pasts.h"

#include <algorithm>

#include "tools/memtrack/model/saturating.h"

namespace memtrack {
namespace {

constexpr std::size_t kForgottenAfter = 64;  // passes

const ProcessKey& KeyOf(const Model& model, const Holder& holder) {
  return model.processes[holder.process].process.key;
}

bool LiesInSocketOfAnother(const SegmentUse& use) {
  return std::ranges::any_of(use.in_flight_to, [&](std::size_t receiver) {
    return receiver != use.holders.front().process;
  });
}

// All but one of those who could write it have ended: the one of them, if it was one.
std::optional<ProcessKey> EndedWriter(const Model& model, const SegmentUse& use,
                                      const std::vector<ProcessKey>& writers) {
  const Holder& left = use.holders.front();
  std::optional<ProcessKey> other;
  for (const ProcessKey& writer : writers) {
    if (writer == KeyOf(model, left)) continue;
    if (other) return std::nullopt;
    other = writer;
  }
  const bool has_ended = other && FindProcess(model, *other) == nullptr;
  return has_ended && left.descriptors == 0 ? other : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> Past::Birth() const {
  if (!born || !booted_at || *born < *booted_at) return std::nullopt;
  return Difference(*born, *booted_at);
}

// Both times are coarse: ticks of 10 ms, and the kernel's clock for inodes, up to 10 ms late.
bool Past::WasThereAtBirth(const ProcessKey& process) const {
  constexpr std::int64_t kCoarse = 50'000'000;
  const auto birth = Birth();
  return !birth || Difference(StartOf(process), *birth) <= kCoarse;
}

Past Pasts::FirstSightOf(const Model& model, const SegmentUse& use) const {
  const bool is_first_model = passes_ == 1;
  Past past;
  past.born = use.segment.born;
  past.booted_at = model.booted_at;
  past.seen_since = model.clock;
  past.not_before = is_first_model ? 0 : std::min(last_clock_, model.clock);
  if (is_first_model || use.holders.size() != 1) return past;
  const ProcessKey& alone = KeyOf(model, use.holders.front());
  if (!past.WasThereAtBirth(alone)) return past;
  const bool is_maker = use.holders.front().descriptors > 0 || LiesInSocketOfAnother(use);
  (is_maker ? past.maker : past.first_alone) = alone;
  return past;
}

void Pasts::LookForMaker(const Model& model, const SegmentUse& use, Past& past) {
  const auto is_first_alone = [&](const Holder& holder) {
    return past.first_alone == KeyOf(model, holder);
  };
  if (past.maker || use.holders.empty()) return;
  if (use.holders.size() == 1) {
    const auto ended = EndedWriter(model, use, past.writers);
    if (ended && past.WasThereAtBirth(*ended)) past.maker = ended;
  } else if (std::ranges::any_of(use.holders, is_first_alone)) {
    past.maker = past.first_alone;
  } else {
    past.writers.clear();
    for (const Holder& holder : use.holders) {
      if (holder.is_writable) past.writers.push_back(KeyOf(model, holder));
    }
  }
}

void Pasts::NotePartners(const Model& model, const SegmentUse& use) {
  constexpr std::size_t kFew = 4;  // what many hold is handed to everybody
  if (use.holders.size() < 2 || use.holders.size() > kFew) return;
  auto& partners = makers_[use.tag].partners;
  for (const Holder& one : use.holders) {
    for (const Holder& other : use.holders) {
      if (&one != &other) partners.insert({KeyOf(model, one), KeyOf(model, other)});
    }
  }
}

void Pasts::Forget(const Model& model) {
  std::erase_if(pasts_, [&](const auto& entry) {
    return passes_ - entry.second.last_pass >= kForgottenAfter;
  });
  const auto has_ended = [&](const ProcessKey& key) { return FindProcess(model, key) == nullptr; };
  for (auto& [tag, makers] : makers_) {
    std::erase_if(makers.made, [&](const auto& entry) { return has_ended(entry.first); });
    std::erase_if(makers.partners, [&](const auto& entry) {
      return has_ended(entry.first) || has_ended(entry.second);
    });
  }
  std::erase_if(makers_, [](const auto& entry) {
    return entry.second.made.empty() && entry.second.partners.empty();
  });
}

void Pasts::Note(const Model& model) {
  ++passes_;
  for (const SegmentUse& use : model.segments) {
    const auto [at, is_new] = pasts_.try_emplace(use.segment.key);
    Past& past = at->second;
    const bool is_first_sight = is_new || past.born != use.segment.born;
    if (is_first_sight) past = FirstSightOf(model, use);
    const bool was_known = !is_first_sight && past.maker.has_value();
    LookForMaker(model, use, past);
    if (!was_known && past.maker) ++makers_[use.tag].made[*past.maker];
    NotePartners(model, use);
    past.last_pass = passes_;
  }
  last_clock_ = model.clock;
  if (passes_ % kForgottenAfter == 0) Forget(model);
}

const Past* Pasts::Of(const SegmentUse& use) const {
  const auto at = pasts_.find(use.segment.key);
  return at != pasts_.end() && at->second.born == use.segment.born ? &at->second : nullptr;
}

std::optional<ProcessKey> Pasts::MakerOf(const std::string& tag,
                                         const std::vector<ProcessKey>& among) const {
  const auto makers = makers_.find(tag);
  if (makers == makers_.end()) return std::nullopt;
  const auto& partners = makers->second.partners;
  std::optional<ProcessKey> most;
  std::uint64_t pieces = 0;
  for (const auto& [maker, count] : makers->second.made) {
    const bool is_asked_for = among.empty() || std::ranges::count(among, maker) > 0 ||
                              (among.size() == 1 && partners.contains({maker, among.front()}));
    if (!is_asked_for || count <= pieces) continue;
    most = maker;
    pieces = count;
  }
  return most;
}

}  // namespace memtrack
