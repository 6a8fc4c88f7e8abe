// A listener that does what a script says, for one Connect.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/local_listener.h>
#include <baton/platform/local_socket.h>

#include "runtime/meeting/connector.h"
#include "tests/fuzz/channel/script.h"
#include "tests/fuzz/meeting/introduction_oracle.h"
#include "tests/fuzz/meeting/read_all.h"

namespace baton::fuzz {

class LyingListener {
 public:
  LyingListener(boost::asio::io_context& io, const std::string& address, std::uint8_t choice,
                Script script)
      : io_(io), script_(script) {
    auto listener = platform::LocalListener::Listen(address, 0600);
    BATON_CHECK(listener.has_value());
    ConnectOptions options;
    options.address = address;
    options.deadline = std::chrono::hours(1);
    if ((choice & 2) != 0) {
      token_.emplace();
      token_->fill(std::byte{0x5a});
      options.token = AdmissionToken(*token_);
    }
    connector_ = internal::MakeConnector(io.get_executor(), std::move(options));
    internal::StartConnect(connector_, std::make_unique<Completion>(*this));
    Run();
    auto host = listener->Accept();
    BATON_CHECK(host.has_value());
    host_ = *std::move(host);
    CheckIntroduction();
  }

  void Play() {
    while (!script_.at_end()) Step();
    Run();
    host_.Reset();
    Run();
    BATON_CHECK(completed_ == 1);
    if (!is_cancelled_) CheckResult();
    if (!error_) CheckRest();
  }

 private:
  class Completion final : public internal::MeetingCompletion {
   public:
    explicit Completion(LyingListener& of) : of_(of) {}
    void Run(boost::system::error_code error, internal::MetParts parts) override {
      ++of_.completed_;
      of_.error_ = error;
      of_.socket_ = std::move(parts.endpoint.socket);
      BATON_CHECK(static_cast<bool>(of_.socket_) == !error);
    }

   private:
    LyingListener& of_;
  };

  void Run() {
    io_.restart();
    io_.poll();
  }

  void Step() {
    const std::uint8_t operation = script_.Byte();
    switch (operation % 8) {
      case 0:
      case 1: {
        const auto honest = VerdictOf(operation / 8 % 5);  // two of them are none
        const std::size_t said = std::min(spoken_.bytes.size(), honest.size());
        const std::size_t most = operation % 8 == 0 ? honest.size() : script_.Byte() % 8;
        const auto rest = std::span(honest).subspan(said);
        return Say(rest.first(std::min(most, rest.size())), false);
      }
      case 2: return Say(script_.Bytes(script_.Byte()), false);
      case 3: return Say(script_.Bytes(1 + script_.Byte() % 10), true);
      case 4: return host_.Reset();
      case 5:
        if (completed_ > 0) return;
        is_cancelled_ = true;
        return internal::CancelConnect(connector_);
      default: return Run();
    }
  }

  void Say(std::span<const std::byte> bytes, bool with_handle) {
    if (!host_ || bytes.empty() || spoken_.bytes.size() + bytes.size() > kMostWords) return;
    const platform::NativeHandle handles[] = {host_.get()};
    const auto sent = platform::SendSome(
        host_, bytes, std::span<const platform::NativeHandle>(handles, with_handle ? 1 : 0));
    if (!sent) return;  // the connector has gone
    if (with_handle) {
      spoken_.before_handles = std::min(spoken_.before_handles, spoken_.bytes.size());
    }
    const auto said = bytes.first(*sent);
    spoken_.bytes.insert(spoken_.bytes.end(), said.begin(), said.end());
  }

  void CheckIntroduction() {
    std::vector<std::byte> heard(64);
    std::vector<platform::Handle> handles;
    const auto received = platform::ReceiveSome(host_, heard, handles);
    BATON_CHECK(received.has_value() && handles.empty());
    heard.resize(*received);
    BATON_CHECK(heard == HonestIntroduction(token_ ? &*token_ : nullptr));
  }

  void CheckResult() {
    const bool has_handles = spoken_.before_handles < std::min(spoken_.bytes.size(), kOfVerdict);
    std::error_code expected;
    if (has_handles) {
      expected = Rule::kIntroduction;
    } else if (spoken_.bytes.size() < kOfVerdict) {
      expected = Errc::kPeerDied;
    } else {
      switch (VerdictIn(spoken_)) {
        case 1: break;
        case 2: expected = Errc::kNotAdmitted; break;
        case 3: expected = Rule::kWireVersion; break;
        default: expected = Rule::kIntroduction;
      }
    }
    BATON_CHECK(std::error_code(error_) == expected);
    Happened(expected ? expected.message().c_str() : "a connector is admitted");
  }

  void CheckRest() {
    BATON_CHECK(VerdictIn(spoken_) == 1);
    const auto after = std::span(spoken_.bytes).subspan(kOfVerdict);
    const std::vector<std::byte> rest = ReadAll(socket_);
    BATON_CHECK(std::ranges::equal(rest, after));
    if (!rest.empty()) Happened("a listener goes on at once");
  }

  boost::asio::io_context& io_;
  Script script_;
  std::optional<Token> token_;
  std::shared_ptr<internal::Connector> connector_;
  platform::Handle host_;
  Spoken spoken_;
  int completed_ = 0;
  bool is_cancelled_ = false;
  boost::system::error_code error_;
  platform::Handle socket_;
};

}  // namespace baton::fuzz
