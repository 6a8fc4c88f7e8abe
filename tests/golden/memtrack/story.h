// A desktop at work, as the goldens see it. 14 passes, a second apart, from 19:34:50Z on:
//
//   weston        the server; has a stopped panel with descriptors in flight, and started bash
//   gtk3-demo     makes buffers and never destroys them; the server maps them as well
//   foot          has a pool of 512 MiB that uses 1.5
//   decoder       parent of decoder_child, over Baton: what one has the other cannot touch; what a
//                 decoder before it made and handed over is its own; and it still holds what a
//                 viewer made, got back and had when it was killed
#pragma once

#include <string>

#include "tests/unit/tools/memtrack/report/made_up.h"

namespace memtrack::testing {

inline void TellClients(MadeUp& made_up, int buffers) {
  made_up.Runs(901, "gtk3-demo", 800).uid = 1000;
  for (int i = 0; i < buffers; ++i) {
    const auto inode = static_cast<std::uint64_t>(1000 + i);
    Segment& buffer = made_up.Has(inode, "wayland-cursor-" + std::to_string(i), 393216);
    if (i >= 11) buffer.born = kBegin + (i - 11) / 4 * kSecond;
    made_up.Maps(812, inode, 393216);
    made_up.Maps(901, inode, 393216);
  }
  made_up.Runs(950, "foot", 800).uid = 1000;
  made_up.Has(31, "foot-wayland-shm-buffer-pool", std::uint64_t{512} << 20).allocated = 1572864;
  made_up.Opens(950, 31);
  made_up.Maps(950, 31, std::uint64_t{512} << 20);
  made_up.Maps(812, 31, std::uint64_t{512} << 20);
}

// What the process `pid` says in its registry, for half a second.
inline void Tells(MadeUp& made_up, int pid, std::uint64_t inode,
                  baton::platform::RegistryState state, int peer, std::uint64_t bytes) {
  Claim& claim = made_up.Says(pid, inode, state);
  claim.peer_pid = peer;
  claim.bytes = bytes;
  claim.transfers = 7;
  claim.sequence = static_cast<std::uint64_t>(made_up.snapshot().taken_at - kBegin);
  claim.lasting = kSecond / 2;
}

inline void TellBatons(MadeUp& made_up, bool is_owned_by_child) {
  using baton::platform::RegistryState;
  made_up.Runs(1001, "decoder", 800).uid = 1000;
  made_up.Runs(1002, "decoder_child", 1001).uid = 1000;
  const auto has = [&](std::uint64_t inode, std::uint64_t bytes, int creator) {
    Segment& segment = made_up.HasBatons(inode, "samples::PImage", bytes, creator);
    segment.creator_uid = 1000;
    segment.seals = 14;
  };
  for (std::uint64_t inode = 40; inode < 43; ++inode) {
    has(inode, 8 << 20, inode == 42 ? 950'000 : 1001);
    made_up.Opens(1001, inode);
    made_up.Opens(1002, inode);
    made_up.Maps(is_owned_by_child ? 1002 : 1001, inode, 8 << 20);
    made_up.MapsRevoked(is_owned_by_child ? 1001 : 1002, inode);
    const int owner = is_owned_by_child ? 1002 : 1001;
    const int other = is_owned_by_child ? 1001 : 1002;
    Tells(made_up, owner, inode, RegistryState::kOwned, other, 8 << 20);
    Tells(made_up, other, inode, RegistryState::kAtPeer, owner, 8 << 20);
  }
  made_up.Has(50, "baton:samples::PDecoder:ring", 65536);
  made_up.Maps(1001, 50, 65536);
  made_up.Maps(1002, 50, 65536);
  has(60, 2 << 20, 777);
  made_up.Opens(1001, 60);
  made_up.MapsRevoked(1001, 60);
  Tells(made_up, 1001, 60, RegistryState::kAtPeer, 777, 2 << 20);
}

// With the buffers that there are in this pass.
inline Snapshot TellPass(int pass, int buffers) {
  MadeUp made_up(pass);
  made_up.Runs(812, "weston");
  made_up.Runs(820, "weston-desktop-", 812).is_stopped = true;  // comm ends after 15 bytes
  made_up.Runs(830, "bash", 812);
  made_up.Has(25, "weston-keymap", 40960).born = std::nullopt;
  made_up.Opens(812, 25).open_file = 4;
  made_up.Maps(812, 25, 40960);
  DescriptorHold& inherited = made_up.Opens(830, 25);
  inherited.open_file = 4;
  inherited.is_close_on_exec = false;
  made_up.Has(26, "panel-icons", 262144);
  made_up.Maps(812, 26, 262144);
  made_up.Sends(820, 5500, {26}).descriptors = 2;
  TellClients(made_up, buffers);
  TellBatons(made_up, pass % 2 == 0);
  made_up.snapshot().machine.shmem += 7'467'008;  // what nobody could ever explain
  return made_up.snapshot();
}

}  // namespace memtrack::testing
