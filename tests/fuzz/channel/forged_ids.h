// Which actors a liar speaks of: by default one that fits, of either side's making, alive or not.
#pragma once

#include <array>
#include <cstring>
#include <vector>

#include "tests/fuzz/channel/forger.h"
#include "tests/fuzz/channel/script.h"
#include "tests/fuzz/channel/world.h"

namespace baton::fuzz {

class ForgedIds {
 public:
  // A parent numbers the actors that it makes 2, 4, ..., a child 3, 5, ...
  ForgedIds(const World& world, Side liar) : world_(world), last_(liar == Side::kParent ? 0 : 1) {}

  // Fills in whom the frame is for, what it makes and whom it names.
  void Fill(const Sample& sample, internal::FrameHeader& header, std::vector<std::byte>& payload,
            Script& script) {
    using internal::FrameKind;
    if (sample.finds_its_question) {
      FindQuestion(sample, header, script);
    } else if (header.lane != internal::Lane::kData) {
      return;
    } else if (header.kind == FrameKind::kReply || header.kind == FrameKind::kReject) {
      Answer(header, script);
    } else {
      header.actor = Choose(sample.to, script);
    }
    for (const Sample::ActorReference& actor : sample.actors) {
      const std::uint32_t id = Choose(actor.kind, script);
      std::memcpy(payload.data() + actor.position, &id, sizeof(id));
    }
    if (header.kind != FrameKind::kConstruct && header.kind != FrameKind::kOpen) return;
    header.call = last_ += 2;
    own_[Index(sample.makes)].push_back(last_);
    if (sample.makes == TreeKind::kEndpoint) own_[Index(TreeKind::kTab)].push_back(last_);
    if (sample.makes == TreeKind::kRoomEndpoint) own_[Index(TreeKind::kRoom)].push_back(last_);
  }

 private:
  static std::size_t Index(TreeKind kind) { return static_cast<std::size_t>(kind); }

  // One byte: of the right kind, as many back from the newest as its high bits say, or a lie.
  std::uint32_t Choose(TreeKind kind, Script& script) {
    const std::uint8_t choice = script.Byte();
    const std::uint32_t back = choice / 8;
    switch (choice % 8) {
      case 7: return Lie(back, script);
      case 6: return 2 + 2 * back;  // of any kind
      case 5:
      case 4: return Newest(world_.made[Index(kind)], back);
      default: return Newest(own_[Index(kind)], back);
    }
  }
  static std::uint32_t Newest(const std::vector<std::uint32_t>& ids, std::uint32_t back) {
    return ids.empty() ? 0 : ids[ids.size() - 1 - back % ids.size()];
  }
  std::uint32_t Lie(std::uint32_t which, Script& script) const {
    switch (which % 8) {
      case 0: return 0;
      case 1: return 1;
      case 2: return last_ + 2;
      case 3: return last_;
      case 4: return 3;
      case 5: return 5;
      case 6: return 0xffff'ffff;
      default: return static_cast<std::uint32_t>(script.Number());
    }
  }

  // The number is filled in already.
  void Answer(internal::FrameHeader& header, Script& script) const {
    if (header.call == 0 || header.call > world_.asked.size()) return;
    const auto& [actor, message] = world_.asked[header.call - 1];
    const std::uint8_t lie = script.Byte();
    header.actor = lie == 255 ? actor + 1 : actor;
    header.message = message;
  }

  // The question of its message, by default the last one; or the constructor that waits.
  void FindQuestion(const Sample& sample, internal::FrameHeader& header, Script& script) const {
    std::uint8_t back = script.Byte();
    if (sample.answers_constructor) {
      const std::uint32_t id = back == 0 && world_.constructing != nullptr
                                   ? world_.constructing->actor_id()
                                   : Newest(world_.made[Index(sample.makes)], back);
      header.call = internal::kConstructorCall | id;
      header.actor = id;
      return;
    }
    for (std::size_t at = world_.asked.size(); at > 0; --at) {
      const auto& [actor, message] = world_.asked[at - 1];
      if (message != header.message || back-- > 0) continue;
      header.call = at;
      header.actor = actor;
      return;
    }
  }

  const World& world_;
  std::array<std::vector<std::uint32_t>, kTreeKinds> own_;
  std::uint32_t last_;
};

}  // namespace baton::fuzz
