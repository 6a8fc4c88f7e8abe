// Messages over a blocking stream of the kernel's and nothing around it: a header with the length,
// then the bytes. One write per message; a read takes whatever is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bench {

// Does not own its handles, which may be the same.
class BareStream {
 public:
  // `packets`: the handles keep messages apart (SOCK_SEQPACKET). Messages hold at most `largest`
  // bytes.
  BareStream(int input, int output, std::size_t largest, bool packets = false);

  // Where to write the next message.
  std::byte* Loan() { return outgoing_.data() + kHeader; }
  void Send(std::size_t size);

  // The next message; waits for it, and ends this process when the other side has gone. Valid until
  // the next call.
  std::span<const std::byte> Receive();

 private:
  static constexpr std::size_t kHeader = 16;

  std::size_t ReadSome(std::byte* into, std::size_t room) const;
  void ReadUntil(std::size_t buffered);
  std::span<const std::byte> ReceivePacket();

  int input_;
  int output_;
  bool packets_;
  std::vector<std::byte> outgoing_;
  std::vector<std::byte> incoming_;  // read ahead; large enough for any message
  std::size_t begin_ = 0;            // what was read and not given out: [begin_, end_)
  std::size_t end_ = 0;
};

}  // namespace bench
