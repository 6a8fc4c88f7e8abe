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
#ifdef SEND_A_CONSTANT  // EXPECT: 'const baton::Shmem'.* (discards|drops 'const')
  const Shmem constant = std::move(memory);
  return echo.SendKeep(std::move(constant));
#endif
#ifdef SEND_UNSAFE_MEMORY_AS_SAFE  // EXPECT: 'baton::UnsafeShmem' to 'baton::Shmem
  return echo.SendKeep(UnsafeShmem());
#endif
#ifdef SEND_TYPED_MEMORY_AS_BYTES  // EXPECT: TypedShmem<float>' to 'baton::Shmem
  return echo.SendKeep(TypedShmem<float>());
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
#ifdef CHANGE_ITS_TYPE  // EXPECT: 'TypedShmem<float>' to .*'TypedShmem<int>'
  TypedShmem<int> integers = std::move(numbers);
#endif
#ifdef TYPE_WITHOUT_A_CHECK  // EXPECT: no matching .*TypedShmem<float>
  return TypedShmem<float>(std::move(memory));
#endif
#ifdef TYPE_OF_OBJECTS  // EXPECT: static.assert.*the bytes are shared
  TypedShmem<std::string> texts;
#endif
#ifdef TYPE_OF_BOOLS  // EXPECT: static.assert.*no bool
  TypedShmem<bool> bits;
#endif
#ifdef COPY_A_TYPED_ONE  // EXPECT: deleted .*TypedShmem<float>
  TypedShmem<float> copy = numbers;
#endif
  return numbers;
}

// Sending shares it, which takes no second handle.
UnsafeShmem Share(UnsafeShmem memory) {
#ifdef MAKE_IT_SAFE  // EXPECT: 'baton::UnsafeShmem'.* to .*'baton::Shmem'
  Shmem safe = std::move(memory);
#endif
#ifdef COPY_AN_UNSAFE_ONE  // EXPECT: deleted .*baton::UnsafeShmem
  UnsafeShmem copy = memory;
#endif
  return memory;
}

}  // namespace testing
