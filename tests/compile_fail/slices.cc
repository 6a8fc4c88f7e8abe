// A slice has one owner, as its memory has, and is no other kind of memory.
#include <utility>

#include "partsParent.h"

namespace parts {

using baton::Result;
using baton::Shmem;
using baton::ShmemSlice;
using baton::UnsafeShmem;

Result<void> Show(PPartsParent& parent, ShmemSlice part, Strip strip, Shmem memory) {
#ifdef SEND_AN_LVALUE  // EXPECT: lvalue of type 'baton::ShmemSlice'
  return parent.SendShow(part);
#endif
#ifdef SEND_THE_WHOLE  // EXPECT: 'baton::Shmem'.* to 'baton::ShmemSlice
  return parent.SendShow(std::move(memory));
#endif
#ifdef IGNORE_THE_SEND  // EXPECT: ignoring return.*nodiscard
  parent.SendShow(std::move(part));
#endif
#ifdef COPY_A_STRUCT  // EXPECT: deleted .*parts::Strip
  Strip copy = strip;
#endif
  if (memory.size() == 0) return parent.SendShow(std::move(part));
  return parent.SendShowStrip(std::move(strip));
}

Result<ShmemSlice> Half(Shmem memory, const ShmemSlice& other, UnsafeShmem shared) {
#ifdef COPY_A_SLICE  // EXPECT: deleted .*baton::ShmemSlice
  ShmemSlice copy = other;
#endif
#ifdef WRITE_THROUGH_A_CONSTANT  // EXPECT: read-only location .*bytes\(\)|returns a const value
  other.bytes()[0] = std::byte{1};
#endif
#ifdef SLICE_AN_LVALUE  // EXPECT: lvalue of type 'baton::Shmem'
  return ShmemSlice::Of(memory, 0, 1);
#endif
#ifdef SLICE_UNSAFE_MEMORY  // EXPECT: 'baton::UnsafeShmem'.* to 'baton::Shmem
  return ShmemSlice::Of(std::move(shared), 0, 1);
#endif
#ifdef SLICE_A_SLICE  // EXPECT: 'baton::ShmemSlice' to 'baton::Shmem
  return ShmemSlice::Of(ShmemSlice(), 0, 1);
#endif
#ifdef MAKE_ONE_WITHOUT_A_CHECK  // EXPECT: no matching .*ShmemSlice
  return ShmemSlice(std::move(memory), 0, 1);
#endif
#ifdef IGNORE_THE_RESULT  // EXPECT: ignoring return.*nodiscard
  ShmemSlice::Of(std::move(memory), 0, 1);
#endif
  if (other.size() + shared.size() == 0) return ShmemSlice();
  return ShmemSlice::Of(std::move(memory), 0, memory.size() / 2);
}

}  // namespace parts
