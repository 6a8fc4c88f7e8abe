// Guests that do what a script says, before a listener that has never seen them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/local_listener.h>
#include <baton/platform/local_socket.h>

#include "runtime/meeting/listener_core.h"
#include "tests/fuzz/channel/script.h"
#include "tests/fuzz/meeting/introduction_oracle.h"
#include "tests/fuzz/meeting/read_all.h"

namespace baton::fuzz {

class LyingGuests {
 public:
  // `choice`: what the listener insists on.
  LyingGuests(boost::asio::io_context& io, std::string address, std::uint8_t choice, Script script)
      : io_(io), script_(script), requires_token_((choice & 2) != 0) {
    ListenerOptions options;
    options.address = std::move(address);
    options.require_token = requires_token_;
    options.max_half_open = (choice & 4) != 0 ? 2 : 32;
    options.introduction_deadline = std::chrono::hours(1);
    address_ = options.address;
    auto listener = internal::ListenerCore::Create(io.get_executor(), std::move(options));
    BATON_CHECK(listener.has_value());
    listener_ = *std::move(listener);
    auto token = listener_->tokens().Issue();
    BATON_CHECK(token.has_value());
    token_ = token->bytes();
    Accept();
  }

  void Play() {
    while (!script_.at_end()) Step();
    Run();
    CheckStatistics();
    for (const Guest& guest : guests_) Check(guest);
    CheckMet();
    listener_->Close();
    Run();
    BATON_CHECK(aborted_ == 1);  // the one Accept that waited
  }

 private:
  static constexpr std::size_t kMostGuests = 24;

  struct Guest {
    platform::Handle socket;
    Spoken spoken;
    Spoken heard;
    bool has_hung_up = false;
  };

  class Completion final : public internal::MeetingCompletion {
   public:
    explicit Completion(LyingGuests& guests) : guests_(guests) {}
    void Run(boost::system::error_code error, internal::MetParts parts) override {
      guests_.OnMet(error, std::move(parts));
    }

   private:
    LyingGuests& guests_;
  };

  void Accept() { listener_->Accept(listener_->NextAccept(), std::make_unique<Completion>(*this)); }
  void OnMet(boost::system::error_code error, internal::MetParts parts) {
    if (error) return (void)++aborted_;
    BATON_CHECK(parts.endpoint.socket);
    met_.push_back(std::move(parts.endpoint.socket));
    Accept();
  }

  void Run() {
    io_.restart();
    io_.poll();
    for (Guest& guest : guests_) Listen(guest);
  }

  void Step() {
    const std::uint8_t operation = script_.Byte();
    if (operation % 8 == 0 || guests_.empty()) return Connect();
    Guest& guest = guests_[operation / 8 % guests_.size()];
    switch (operation % 8) {
      case 1: return Say(guest, Rest(guest, HonestIntroduction(nullptr)), false);
      case 2: return Say(guest, Rest(guest, HonestIntroduction(&token_)), false);
      case 3: return Say(guest, script_.Bytes(script_.Byte()), false);
      case 4: return Say(guest, script_.Bytes(1 + script_.Byte() % 40), true);
      case 5:
        Listen(guest);
        guest.socket.Reset();
        guest.has_hung_up = true;
        return;
      case 6: {  // a part of what is honest
        const auto honest = HonestIntroduction(script_.Byte() % 2 == 0 ? nullptr : &token_);
        const auto rest = Rest(guest, honest);
        return Say(guest, rest.first(std::min<std::size_t>(script_.Byte(), rest.size())), false);
      }
      default: return Run();
    }
  }

  void Connect() {
    if (guests_.size() >= kMostGuests) return Run();
    auto socket = platform::ConnectLocal(address_);
    BATON_CHECK(socket.has_value());
    guests_.emplace_back();
    guests_.back().socket = *std::move(socket);
  }

  // What of `honest` is still to be said.
  static std::span<const std::byte> Rest(const Guest& guest, const std::vector<std::byte>& honest) {
    static std::vector<std::byte> kept;
    kept = honest;
    return std::span(kept).subspan(std::min(guest.spoken.bytes.size(), kept.size()));
  }

  void Say(Guest& guest, std::span<const std::byte> bytes, bool with_handle) {
    if (guest.has_hung_up || bytes.empty()) return;
    if (guest.spoken.bytes.size() + bytes.size() > kMostWords) return;
    const platform::NativeHandle handles[] = {guest.socket.get()};
    const auto sent = platform::SendSome(
        guest.socket, bytes, std::span<const platform::NativeHandle>(handles, with_handle ? 1 : 0));
    if (!sent) return;  // it was turned away
    if (with_handle) {
      guest.spoken.before_handles =
          std::min(guest.spoken.before_handles, guest.spoken.bytes.size());
    }
    const auto said = bytes.first(*sent);
    guest.spoken.bytes.insert(guest.spoken.bytes.end(), said.begin(), said.end());
  }

  static void Listen(Guest& guest) {
    if (guest.has_hung_up) return;
    std::array<std::byte, 64> room = {};
    std::vector<platform::Handle> handles;
    const auto received = platform::ReceiveSome(guest.socket, room, handles);
    if (!received) return;
    BATON_CHECK(handles.empty());
    guest.heard.bytes.insert(guest.heard.bytes.end(), room.begin(), room.begin() + *received);
  }

  // --- What must have become of them ----------------------------------------------------------
  void CheckStatistics() const {
    const ListenerStatistics s = listener_->statistics();
    const std::uint64_t sum = s.admitted + s.not_accepted + s.wrong_token + s.no_introduction +
                              s.wrong_version + s.too_late + s.displaced + s.hung_up + s.half_open;
    BATON_CHECK(sum == guests_.size());
    BATON_CHECK(s.shortages == 0 && s.not_accepted == 0 && s.too_late == 0);
    BATON_CHECK(s.admitted == met_.size());
    Happened("a guest is admitted", s.admitted);
    Happened("a guest has a wrong token, or none", s.wrong_token);
    Happened("a guest says no introduction", s.no_introduction);
    Happened("a guest speaks another version", s.wrong_version);
    Happened("a guest is displaced", s.displaced);
    Happened("a guest hangs up", s.hung_up);
    Happened("a guest does not finish", s.half_open);
  }

  void Check(const Guest& guest) {
    // Whoever was told anything was told a verdict, once.
    const auto& heard = guest.heard;
    BATON_CHECK(heard.bytes.empty() || heard.bytes.size() == kOfVerdict);
    const int verdict = heard.bytes.empty() ? 0 : VerdictIn(heard);
    BATON_CHECK(heard.bytes.empty() || verdict != 0);
    const Meant meant = MeaningOf(guest.spoken);
    const bool has_token =
        meant == Meant::kWithToken && guest.spoken.Text(16, 16) == TextOf(token_);
    const bool is_fit = has_token || (meant == Meant::kWithoutToken && !requires_token_);
    if (verdict == 1) BATON_CHECK(is_fit);
    if (verdict == 1 && has_token) BATON_CHECK(++token_uses_ == 1);
    if (verdict == 3) BATON_CHECK(meant == Meant::kVersion);
    if (listener_->statistics().displaced > 0 || guest.has_hung_up) return;
    if (meant == Meant::kVersion) BATON_CHECK(verdict == 3);
    if (meant == Meant::kUnfinished) BATON_CHECK(verdict == 0);
    if (meant == Meant::kWithoutToken) BATON_CHECK(verdict == (requires_token_ ? 2 : 1));
    if (meant == Meant::kNone) BATON_CHECK(verdict == 2);
  }

  // What follows an introduction is for the channel, to the last byte.
  void CheckMet() {
    for (const platform::Handle& socket : met_) {
      const std::vector<std::byte> rest = ReadAll(socket);
      BATON_CHECK(std::ranges::any_of(guests_, [&](const Guest& guest) {
        const auto& said = guest.spoken.bytes;
        return said.size() >= kOfIntroduction &&
               std::ranges::equal(std::span(said).subspan(kOfIntroduction), rest);
      }));
      if (!rest.empty()) Happened("a guest goes on at once");
    }
  }

  static std::string TextOf(const Token& token) {
    std::string text(token.size(), '\0');
    std::memcpy(text.data(), token.data(), token.size());
    return text;
  }

  boost::asio::io_context& io_;
  Script script_;
  const bool requires_token_;
  std::string address_;
  std::shared_ptr<internal::ListenerCore> listener_;
  Token token_ = {};
  std::vector<Guest> guests_;
  std::vector<platform::Handle> met_;
  int aborted_ = 0;
  int token_uses_ = 0;
};

}  // namespace baton::fuzz
