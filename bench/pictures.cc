#include "bench/pictures.h"

#include <array>

#include <baton/base/check.h>

#include "bench/placement.h"

namespace bench {
namespace {

using baton::platform::Handle;
using baton::platform::Mapping;
using baton::platform::SharedMemory;

template <class T>
T Must(baton::Result<T> result) {
  BATON_CHECK(result);
  return std::move(*result);
}

// The fastest mapping that there is: nobody ever takes it away.
Mapping MapForGood(const SharedMemory& memory) {
  return Must(memory.Map({.revocation = baton::platform::Revocation::kNone}));
}

// The first word says where the picture begins, the second how long it is.
using Notice = std::array<std::uint64_t, 2>;

}  // namespace

struct BarePictures::Shared {
  SharedMemory rings;
  SharedMemory pictures;
  Handle their_rings;
  Handle their_pictures;

  static Shared Create(std::size_t size) {
    Shared shared = {Must(SharedMemory::Create("bench rings", kRingEndBytes)),
                     Must(SharedMemory::Create("bench pictures", 2 * size)),
                     {},
                     {}};
    shared.their_rings = Must(shared.rings.handle().Duplicate());
    shared.their_pictures = Must(shared.pictures.handle().Duplicate());
    return shared;
  }
};

BarePictures::BarePictures(std::size_t size) : BarePictures(Shared::Create(size), size) {}

BarePictures::BarePictures(Shared shared, std::size_t size)
    : size_(size),
      pictures_(std::move(shared.pictures)),
      mapping_(MapForGood(pictures_)),
      end_(std::move(shared.rings), Waiting::kFutex, {}, RingEnd::Which::kFirst) {
  const int inherited[] = {shared.their_rings.get(), shared.their_pictures.get()};
  child_ =
      Must(baton::platform::Process::Launch(ChildThat("pictures", Placement::kTwoCpus), inherited));
  PinToOurCpu();
}

void BarePictures::Show() {
  const Notice notice = {++shown_ % 2 * size_, size_};
  const std::span<std::byte> picture = mapping_.bytes().subspan(notice[0], size_);
  std::memset(picture.data(), static_cast<int>(shown_ % 250), picture.size());
  std::memcpy(end_.out().Loan(sizeof(notice)), notice.data(), sizeof(notice));
  end_.out().Send();
  BATON_CHECK(end_.in().Receive().size() == sizeof(std::uint64_t));
}

void AnswerOnPictures() {
  Handle rings = Must(baton::platform::TakeInherited(0));
  Handle handle = Must(baton::platform::TakeInherited(1));
  RingEnd end(Must(SharedMemory::Adopt(std::move(rings), kRingEndBytes)), Waiting::kFutex, {},
              RingEnd::Which::kSecond);
  Notice notice = {};
  std::memcpy(notice.data(), end.in().Receive().data(), sizeof(notice));
  const SharedMemory memory = Must(SharedMemory::Adopt(std::move(handle), 2 * notice[1]));
  const Mapping mapping = MapForGood(memory);
  for (;;) {
    const std::uint64_t sum = SumOf(mapping.bytes().subspan(notice[0], notice[1]));
    std::memcpy(end.out().Loan(sizeof(sum)), &sum, sizeof(sum));
    end.out().Send();
    std::memcpy(notice.data(), end.in().Receive().data(), sizeof(notice));
  }
}

}  // namespace bench
