// Random operations on a ring against a model that needs no shared memory: a queue per lane.
#include <array>
#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "tests/support/byte_content.h"
#include "tests/support/must.h"
#include "tests/unit/runtime/ring_memory.h"

namespace baton::internal {
namespace {

using baton::testing::Must;

constexpr Lane kLanes[] = {Lane::kControl, Lane::kData};

struct ModelFrame {
  std::uint64_t sequence;
  std::size_t length;
  std::size_t room() const { return (kFrameHeaderSize + length + 7) / 8 * 8; }
};

// What one lane must do.
struct ModelLane {
  std::size_t free = 0;        // as the writer may count on it
  std::size_t taken_room = 0;  // taken, not released
  std::deque<ModelFrame> appended;
  std::deque<ModelFrame> published;
  bool waits_for_room = false;
};

class Comparison {
 public:
  explicit Comparison(unsigned seed) : random_(seed) {
    for (const Lane lane : kLanes) Model(lane).free = memory_.ring(lane).size();
  }

  void Step() {
    const Lane lane = Below(2) == 0 ? Lane::kControl : Lane::kData;
    switch (Below(16)) {
      case 0: return Publish();
      case 1: return Release();
      case 2: return Sleep();
      case 3: return AskForRoom(lane);
      case 4: reader_.Wake(); return static_cast<void>(sleeps_ = false);
      default: return Below(100) < taste_ ? Append(lane) : Take(lane);
    }
  }

  // Rings fill when frames are rather appended than taken, and the reverse.
  void ChangeTaste() { taste_ = 20 + 60 * Below(2); }

 private:
  std::size_t Below(std::size_t end) { return random_() % end; }
  ModelLane& Model(Lane lane) { return model_[static_cast<std::size_t>(lane)]; }

  std::size_t AnyLength(Lane lane) {
    const std::size_t most = writer_.max_payload(lane);
    return Below(4) == 0 ? Below(most + 1) : Below(200);
  }

  // False where the room is not there, or not in one piece.
  bool AppendInPlace(const FrameHeader& header, std::span<const std::byte> payload) {
    const auto room = Must(writer_.Loan(payload.size()));
    if (room.empty()) return false;
    std::ranges::copy(payload, room.begin());
    if (Below(8) == 0) return false;  // another way after all: a loan obliges to nothing
    writer_.Commit(header);
    return true;
  }

  void Append(Lane lane) {
    ModelLane& model = Model(lane);
    const ModelFrame frame{next_sequence_, AnyLength(lane)};
    const auto payload = RingPayload(frame.sequence, frame.length);
    const auto header = RingHeader(lane, frame.sequence, frame.length);
    const bool fits = frame.room() <= model.free;
    if (lane == Lane::kData && Below(2) == 0 && AppendInPlace(header, payload)) {
      REQUIRE(fits);
    } else {
      REQUIRE(Must(writer_.Append(lane, header, payload)) == fits);
    }
    if (!fits) return;
    ++next_sequence_;
    model.free -= frame.room();
    model.appended.push_back(frame);
  }

  void Publish() {
    bool news = false;
    for (ModelLane& model : model_) {
      news = news || !model.appended.empty();
      model.published.insert(model.published.end(), model.appended.begin(), model.appended.end());
      model.appended.clear();
    }
    REQUIRE(writer_.Publish() == (news && sleeps_));
    if (news) sleeps_ = false;
  }

  void Take(Lane lane) {
    ModelLane& model = Model(lane);
    const FrameHeader* const head = Must(reader_.Head(lane));
    REQUIRE((head == nullptr) == model.published.empty());
    if (head == nullptr) return;
    const ModelFrame frame = model.published.front();
    REQUIRE(head->sequence == frame.sequence);
    const auto payload = reader_.Take(lane);
    const auto expected = RingPayload(frame.sequence, frame.length);
    REQUIRE(testing::HoldSame(payload, expected));
    model.published.pop_front();
    model.taken_room += frame.room();
  }

  // The reader sees what was published, so it knows of less room to come than the writer does.
  void Release() {
    bool calls_writer = false;
    for (const Lane lane : kLanes) {
      ModelLane& model = Model(lane);
      if (model.taken_room == 0) continue;
      model.free += std::exchange(model.taken_room, 0);
      std::size_t untaken = 0;
      for (const ModelFrame& frame : model.published) untaken += frame.room();
      if (!model.waits_for_room || untaken > memory_.ring(lane).size() / 2) continue;
      model.waits_for_room = false;
      calls_writer = true;
    }
    REQUIRE(reader_.Release() == calls_writer);
  }

  void Sleep() {
    sleeps_ = model_[0].published.empty() && model_[1].published.empty();
    REQUIRE(Must(reader_.Sleep()) == sleeps_);
  }

  void AskForRoom(Lane lane) {
    ModelLane& model = Model(lane);
    model.waits_for_room = model.free < memory_.ring(lane).size() / 2;
    REQUIRE(Must(writer_.AskForRoom(lane)) == model.waits_for_room);
  }

  RingMemory memory_;
  RingWriter writer_{memory_.bytes()};
  RingReader reader_{memory_.bytes()};
  std::array<ModelLane, 2> model_;
  bool sleeps_ = true;
  std::uint64_t next_sequence_ = 0;
  std::size_t taste_ = 80;
  std::mt19937 random_;
};

TEST_CASE("a ring does what two queues do, whatever the order of operations") {
  const unsigned seed = GENERATE(range(1U, 21U));
  CAPTURE(seed);
  Comparison comparison(seed);
  for (int step = 0; step < 5000; ++step) {
    if (step % 250 == 0) comparison.ChangeTaste();
    comparison.Step();
  }
}

}  // namespace
}  // namespace baton::internal
