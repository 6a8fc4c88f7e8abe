// What every Stream promises, whatever it is made of: the comments of runtime/channel/stream.h,
// executable. A new implementation is not done until it has its line in stream_conformance_test.cc.
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tests/conformance/stream_kinds.h"
#include "tests/support/patience.h"

namespace baton::testing {

template <class Kind>
void BytesArriveInOrder() {
  TwoEnds<Kind> ends;
  const auto sent = Numbered(1'000'000);
  Arrived arrived;
  for (std::span<const std::byte> rest = sent; !rest.empty();) {
    const auto now = ends.here->Send(rest, {});
    if (now) rest = rest.subspan(*now);
    if (!now) REQUIRE((WouldBlock(now.error()) || IsShortage(now.error())));
    if (!now) arrived.ReceiveAll(*ends.there);
  }
  arrived.ReceiveAll(*ends.there);
  CHECK(arrived.bytes == sent);
  CHECK_FALSE(arrived.ended);
}

template <class Kind>
void HandlesComeWithTheirFirstByte() {
  TwoEnds<Kind> ends;
  const auto kept = Must(platform::CreateSocketPair());
  const platform::NativeHandle both[] = {kept.first.get(), kept.second.get()};
  SendAll(*ends.here, Numbered(10));
  SendAll(*ends.here, Numbered(10), both);
  SendAll(*ends.here, Numbered(10));
  std::vector<platform::Handle> handles;
  std::byte into[7];
  for (std::size_t total = 0; total < 30;) {
    total += Must(ends.there->Receive(into, handles));
    CHECK(handles.size() == (total > 10 ? 2 : 0));
  }
  CHECK(Must(platform::SameObject(handles.at(0), kept.first)));
  CHECK(Must(platform::SameObject(handles.at(1), kept.second)));
}

template <class Kind>
void AsManyHandlesAsOneSendTakes() {
  TwoEnds<Kind> ends;
  const auto kept = Must(platform::CreateSocketPair());
  const std::vector<platform::NativeHandle> most(platform::kMaxHandlesPerSend, kept.first.get());
  SendAll(*ends.here, Numbered(1), most);
  Arrived arrived;
  arrived.ReceiveAll(*ends.there);
  CHECK(arrived.handles.size() == most.size());
  const std::vector<platform::NativeHandle> too_many(most.size() + 1, kept.first.get());
  CHECK(TrySend(*ends.here, Numbered(1), too_many).error() == Errc::kTooManyHandles);
}

template <class Kind>
void TheEndComesBehindWhatWasSent() {
  TwoEnds<Kind> ends;
  const auto kept = Must(platform::CreateSocketPair());
  const platform::NativeHandle one[] = {kept.first.get()};
  SendAll(*ends.here, Numbered(100));
  SendAll(*ends.here, Numbered(100), one);
  ends.here->Close();
  Arrived arrived;
  arrived.ReceiveAll(*ends.there);
  CHECK(arrived.bytes.size() == 200);
  CHECK(arrived.handles.size() == 1);
  CHECK(arrived.ended);
  arrived.ended = false;
  arrived.ReceiveAll(*ends.there);  // and it stays the end
  CHECK(arrived.ended);
}

template <class Kind>
void NobodyReadsAfterTheOtherEndClosed() {
  TwoEnds<Kind> ends;
  SendAll(*ends.here, Numbered(100));
  ends.there->Close();
  CHECK(TrySend(*ends.here, Numbered(100)).error() == Cause::kPeerGone);
  bool writable = false;
  ends.here->WaitWritable([&] { writable = true; });
  CHECK(ends.RunUntil([&] { return writable; }));
}

template <class Kind>
void AFullStreamTellsWhenItHasRoom() {
  TwoEnds<Kind> ends;
  const auto sent = Fill(*ends.here);
  CHECK(sent.size() > 10'000);
  CHECK(WouldBlock(TrySend(*ends.here, Numbered(1)).error()));
  bool writable = false;
  ends.here->WaitWritable([&] { writable = true; });
  ends.Poll();
  CHECK_FALSE(writable);
  Arrived arrived;
  arrived.ReceiveAll(*ends.there);
  CHECK(arrived.bytes == sent);
  CHECK(ends.RunUntil([&] { return writable; }));
  CHECK(TrySend(*ends.here, Numbered(1)));
}

template <class Kind>
void AWaitEndsWithDataOrWithTheEnd() {
  TwoEnds<Kind> ends;
  int readable = 0;
  const auto wait = [&] { ends.there->WaitReadable([&] { ++readable; }); };
  wait();
  ends.Poll();
  CHECK(readable == 0);
  SendAll(*ends.here, Numbered(1));
  CHECK(ends.RunUntil([&] { return readable == 1; }));
  wait();                // what is there was not read
  CHECK(readable == 1);  // never inside the call
  CHECK(ends.RunUntil([&] { return readable == 2; }));
  Arrived arrived;
  arrived.ReceiveAll(*ends.there);
  wait();
  ends.Poll();
  CHECK(readable == 2);
  ends.here->Close();
  CHECK(ends.RunUntil([&] { return readable == 3; }));
  wait();
  CHECK(ends.RunUntil([&] { return readable == 4; }));
}

template <class Kind>
void CloseCancelsWaits() {
  TwoEnds<Kind> ends;
  Fill(*ends.here);
  int ran = 0;
  const auto token = std::make_shared<int>();
  ends.here->WaitReadable([&, token] { ++ran; });
  ends.here->WaitWritable([&, token] { ++ran; });
  ends.Poll();
  CHECK(token.use_count() == 3);
  ends.here->Close();
  ends.io.restart();
  ends.io.run();  // nothing keeps it
  CHECK(ran == 0);
  CHECK(token.use_count() == 1);
}

template <class Kind>
void BlockingEndsWithWhatIsWanted() {
  TwoEnds<Kind> ends;
  const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::milliseconds(5); };
  const auto much_later = [] { return std::chrono::steady_clock::now() + 2 * kPatience; };
  CHECK_FALSE(ends.there->Block({.readable = true, .until = soon()}).has_ended);  // it comes back
  SendAll(*ends.here, Numbered(1));
  CHECK_FALSE(ends.there->Block({.readable = true, .until = much_later()}).has_ended);
  CHECK_FALSE(ends.there->Block({.writable = true, .until = much_later()}).has_ended);
  Fill(*ends.here);
  CHECK_FALSE(ends.here->Block({.readable = true, .writable = true, .until = soon()}).has_ended);
  Arrived arrived;
  arrived.ReceiveAll(*ends.there);
  CHECK_FALSE(ends.here->Block({.writable = true, .until = much_later()}).has_ended);
  ends.here->Close();
  CHECK(ends.there->Block({.readable = true, .until = much_later()}).has_ended);
  CHECK(ends.there->Block({.until = much_later()}).has_ended);  // wanted or not
}

// As a channel does it: what waits holds the stream.
template <class Kind>
void WaitsGoWithTheirContext() {
  io_context stays;
  auto goes = std::make_unique<io_context>();
  auto [ours, there] = Kind::Make(goes->get_executor(), stays.get_executor());
  auto here = std::shared_ptr<Stream>(std::move(ours));
  Fill(*here);
  here->WaitReadable([here] { FAIL("must not run"); });
  here->WaitWritable([here] { FAIL("must not run"); });
  const std::weak_ptr<Stream> watched = here;
  here.reset();
  CHECK_FALSE(watched.expired());
  goes.reset();
  CHECK(watched.expired());
  Arrived arrived;
  arrived.ReceiveAll(*there);
  CHECK(arrived.ended);
}

template <class Kind>
void CheckStreamPromises() {
  SECTION("bytes arrive in order") {
    BytesArriveInOrder<Kind>();
  }
  SECTION("handles come with their first byte") {
    HandlesComeWithTheirFirstByte<Kind>();
  }
  SECTION("as many handles as one send takes") {
    AsManyHandlesAsOneSendTakes<Kind>();
  }
  SECTION("the end comes behind what was sent") {
    TheEndComesBehindWhatWasSent<Kind>();
  }
  SECTION("nobody reads after the other end closed") {
    NobodyReadsAfterTheOtherEndClosed<Kind>();
  }
  SECTION("a full stream tells when it has room") {
    AFullStreamTellsWhenItHasRoom<Kind>();
  }
  SECTION("a wait ends with data or with the end") {
    AWaitEndsWithDataOrWithTheEnd<Kind>();
  }
  SECTION("close cancels waits") {
    CloseCancelsWaits<Kind>();
  }
  SECTION("blocking ends with what is wanted") {
    BlockingEndsWithWhatIsWanted<Kind>();
  }
  SECTION("waits go with their context") {
    WaitsGoWithTheirContext<Kind>();
  }
}

}  // namespace baton::testing
