// The parent's view of the decoder: a process that is there whenever it is needed.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <baton/child_supervisor.h>

#include "decoderParent.h"
#include "samples/decoder/image.h"

namespace samples {

struct DecoderOptions {
  std::string program;                         // path of the decoder
  std::chrono::milliseconds deadline{10'000};  // for one file, all in all
  std::uint64_t max_pixels = 64'000'000;

  // Files of strangers end a decoder now and then, and should not keep the others waiting.
  baton::RestartPolicy restarts = {.max_restarts = 20,
                                   .first_delay = std::chrono::milliseconds(10),
                                   .longest_delay = std::chrono::milliseconds(500)};
};

// A child process, one at a time, started again after it crashed, hung, or answered nonsense; until
// that happens too often. One picture at a time; everything happens on the supervisor's executor.
class Decoder {
 public:
  // Whoever keeps a child running as `options` say. Errors: the system's.
  static baton::Result<baton::ChildSupervisor> Supervise(
      const boost::asio::any_io_executor& executor, const DecoderOptions& options);

  Decoder(baton::ChildSupervisor supervisor, const DecoderOptions& options);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Before each file, whose traffic counts from here: waits for a child unless a living one is
  // there. Errors: the system's; PictureErrc::kGivenUp.
  boost::asio::awaitable<baton::Result<void>> Ready();

  // Memory to hand over, once Ready. Errors: shortages; the child's death, for Blame.
  baton::Result<baton::Shmem> AllocShmem(std::uint64_t size);

  // Hands the file over. Its deadline begins here. Errors: as above.
  baton::Result<Image> Open(baton::Shmem file);

  // What the channel carried since Ready. Only when nothing failed since.
  baton::Traffic FileTraffic() const;

  // What an error of a file, from whatever was done since Ready, means. A child that has died of
  // it (PictureErrc::kDecoderDied), hangs or is not to be believed is ended, and there is none
  // until Ready. Any other error comes back as it is, and the child is well.
  boost::asio::awaitable<std::error_code> Blame(std::error_code error);

  // About the last failure, for people; may be empty. Once.
  std::string TakeDetail() { return std::exchange(detail_, {}); }

  // Says goodbye to the child, and waits for its end. Nothing may follow.
  boost::asio::awaitable<void> Close();

  // --- For its Image ----------------------------------------------------------------------------
  std::uint64_t max_pixels() const { return options_.max_pixels; }
  // A failure, with more about it for TakeDetail.
  baton::Failure Explain(std::error_code error, std::string detail);

 private:
  boost::asio::awaitable<baton::Result<void>> Start();
  boost::asio::awaitable<void> EndChild();

  const DecoderOptions options_;
  baton::ChildSupervisor supervisor_;
  std::shared_ptr<PDecoderParent> actor_;  // null: no child
  baton::Traffic file_begin_;              // its counters, when the file began
  std::string last_end_;                   // of a child, for people
  std::string detail_;
};

}  // namespace samples
