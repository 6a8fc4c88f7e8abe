// One harness for all systems beside which Baton is measured: a client and a server process, the
// same cases, the same rows.
//
// A system supplies
//   a client   that fulfils `Client` below, given to Measure (measure.h);
//   a server   that gives every message to Judge and answers when that says so, with a message of
//              kAnswerBytes whose word 1 is the sum.
// Both go to PeerMain, which is the whole of main(). A program measures one system in one or more
// variants, and starts itself again as the server.
//
// Word 0 of every message is a Wish; all further words of 8 bytes hold the sender's seed.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <baton/platform/handle.h>
#include <baton/platform/process.h>

namespace peers {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;
inline constexpr std::size_t kSmall = 64;           // of a round trip
inline constexpr std::size_t kLargestSmall = kKiB;  // one way; what is larger is a payload
inline constexpr std::size_t kLargest = 32 * kMiB;
inline constexpr std::size_t kAnswerBytes = 64;
inline constexpr std::size_t kCacheLine = 64;

enum Wish : std::uint64_t {
  kPing = 1,  // answer
  kFlood,     // take
  kFloodEnd,  // answer
  kTransfer,  // answer
  kTouch,     // read a word of every cache line, answer with their sum
};

// What a system's client can do. Loan gives writable room for the next message, Send hands that
// message over, Wait waits for the answer and gives back its word 1.
template <class C>
concept Client = requires(C client, std::size_t bytes) {
  { client.Loan(bytes) } -> std::convertible_to<void*>;
  client.Send(bytes);
  { client.Wait() } -> std::same_as<std::uint64_t>;
};

// A client that has an idiom of its own for many messages one way. Flood sends so many of `bytes`
// and waits until the server has all.
template <class C>
concept Streaming = requires(C client, std::size_t messages, std::size_t bytes) {
  client.Flood(messages, bytes);
};

void Fill(void* message, std::size_t bytes, Wish wish, std::uint64_t seed);

struct Verdict {
  bool answer = false;
  std::uint64_t sum = 0;
};
Verdict Judge(const void* message, std::size_t bytes);

// What this run of the program is to do.
struct Run {
  std::string system;   // as it is printed
  std::string variant;  // empty for a system without variants
  int client_cpu = 0;
  int server_cpu = 1;
  bool round_trips_only = false;

  // The program that answers; PeerMain runs its server.
  baton::platform::LaunchOptions ServerCommand() const;
};

// The server's process, pinned, ready to be spoken to. It ends with this, and with this process.
class ServerProcess {
 public:
  explicit ServerProcess(const Run& run);

  // Until the server has called ReportReady.
  void AwaitReady() const;
  // One end of a blocking stream between both processes, for those who speak over one.
  int socket() const { return socket_.get(); }
  int pid() const { return process_.pid(); }

 private:
  baton::platform::Handle control_;
  baton::platform::Handle socket_;
  baton::platform::Process process_;
};

// For the server: that AwaitReady may return, and the other end of socket().
void ReportReady();
int ServerSocket();

void PinTo(int cpu);

// main(): `PROGRAM` prints its variants, `PROGRAM VARIANT CLIENT_CPU SERVER_CPU [round-trips]`
// measures. Both run in a folder of their own that is removed at the end, so that names of sockets
// are free.
struct Peer {
  std::string name;
  std::vector<std::string> variants;  // {""} for a system without
  void (*server)(const std::string& variant);
  void (*client)(const Run& run);
};
int PeerMain(int argc, char** argv, const Peer& peer);

}  // namespace peers
