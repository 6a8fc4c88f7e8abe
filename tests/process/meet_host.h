// The host's side of tests about endpoints: guests in threads or processes, and what they report.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <baton/async.h>

#include "platform/linux/pidfd.h"
#include "tests/process/meet_actors.h"

namespace baton::testing {

// Runs until `done` holds.
template <class Predicate>
void RunUntil(io_context& io, Predicate done) {
  io.restart();
  while (!done() && io.run_one() > 0) {
  }
}

// A guest and our end of the channel to it. Of a process its death is known, as Launch has it.
class Invited {
 public:
  Invited(io_context& io, const PeerProgram& program, Transport transport)
      : peer(transport.peer, program), io_(io) {
    Link link = Offer(peer, transport);
    if (transport.peer == PeerKind::kProcess) {
      link.parts.peer_death = platform::Handle(platform::PidfdOpen(peer.pid()));
    }
    Must(internal::BindEndpoint(std::move(link.parts), host, io.get_executor(), link.options));
    // Only then is there room in `put_aside` for the next one's end.
    bool is_seated = false;
    host->SendLabel("", [&](auto, auto) { is_seated = true; });
    RunUntil(io, [&] { return is_seated; });
  }

  // Ends the conversation in good order.
  void Dismiss() {
    host->Close();
    RunUntil(io_, [&] { return host->is_over; });
    peer.Join();
  }

  void Await(const std::string& text) {
    RunUntil(io_, [&] { return host->Heard(text) || host->is_over; });
    INFO(text);
    CHECK(host->Heard(text));
  }

  MeetHost* operator->() { return host.get(); }

  Peer peer;
  std::shared_ptr<MeetHost> host = std::make_shared<MeetHost>();

 private:
  io_context& io_;
};

// Makes `ann`, the talk's parent, and `bob` know each other.
inline void Introduce(Invited& ann, Invited& bob) {
  auto ends =
      Must(CreateEndpointsBetween<meet::PTalkParent, meet::PTalkChild>(*ann.host, *bob.host));
  Must(ann->SendMeet("Bob", std::move(ends.first)));
  Must(bob->SendJoin("Ann", std::move(ends.second)));
}

}  // namespace baton::testing
