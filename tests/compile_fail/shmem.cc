// Memory is in one hand at a time, and what a send says is heard.
#include <utility>

#include "echoParent.h"

namespace testing {

using baton::Result;
using baton::Shmem;
using baton::TypedShmem;
using baton::UnsafeShmem;

Result<void> HandOver(PEchoParent& echo, Shmem memory) {
#ifdef SEND_A_COPY  // EXPECT: deleted .*baton::Shmem
  Shmem copy = memory;
  BATON_CHECKED(echo.SendKeep(std::move(copy)));
#endif
#ifdef SEND_AN_LVALUE  // EXPECT: lvalue of type 'baton::Shmem'
  BATON_CHECKED(echo.SendKeep(memory));
#endif
#ifdef IGNORE_THE_RESULT  // EXPECT: ignoring return.*nodiscard
  echo.SendKeep(std::move(memory));
#endif
  return echo.SendKeep(std::move(memory));
}

Parcel Pack(Shmem memory) {
  Parcel parcel = {"a label", std::move(memory)};
#ifdef COPY_A_STRUCT  // EXPECT: deleted .*testing::Parcel
  Parcel copy = parcel;
#endif
  return parcel;
}

Result<TypedShmem<float>> Typed(Shmem memory) {
  BATON_TRY(TypedShmem<float> numbers, TypedShmem<float>::From(std::move(memory)));
#ifdef COPY_A_TYPED_ONE  // EXPECT: deleted .*TypedShmem<float>
  TypedShmem<float> copy = numbers;
#endif
  return numbers;
}

// Sending shares it, which takes no second handle.
UnsafeShmem Share(UnsafeShmem memory) {
#ifdef COPY_AN_UNSAFE_ONE  // EXPECT: deleted .*baton::UnsafeShmem
  UnsafeShmem copy = memory;
#endif
  return memory;
}

}  // namespace testing
