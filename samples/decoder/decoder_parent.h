// The parent's view of the decoder: a process that is there whenever it is needed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <baton/launch.h>

#include "decoderParent.h"
#include "samples/decoder/image.h"

namespace samples {

struct DecoderOptions {
  std::string program;                         // path of the decoder
  std::chrono::milliseconds deadline{10'000};  // for one file, all in all
  std::uint64_t max_pixels = 64'000'000;
};

// A child process, one at a time, replaced when it crashed, hung, or answered nonsense. One picture
// at a time; everything happens on `executor`.
class Decoder {
 public:
  Decoder(boost::asio::any_io_executor executor, DecoderOptions options);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder();

  // Before each file, whose traffic counts from here: starts a child unless a living one is there.
  // Errors: the system's.
  baton::Result<void> Ready();

  // Memory to hand over, once Ready. Errors: as above; a child that has died since is not replaced
  // now, so that a file costs one child at most.
  baton::Result<baton::Shmem> AllocShmem(std::uint64_t size);

  // Hands the file over. Its deadline begins here. Errors: shortages; what Image says of a child.
  baton::Result<Image> Open(baton::Shmem file);

  // What the channel carried since Ready. Only when nothing failed since.
  baton::Traffic FileTraffic() const;

  // About the last failure, for people; may be empty. Once.
  std::string TakeDetail() { return std::exchange(detail_, {}); }

  // Says goodbye to the child. Nothing may follow.
  void Close();

  // --- For its Image ----------------------------------------------------------------------------
  std::uint64_t max_pixels() const { return options_.max_pixels; }
  // Around each question: a child that has had the file's deadline is killed; its death answers.
  void AwaitAnswer();
  void AnswerCame();
  // What a question came to: the child may have failed, and be well; or it may be gone.
  baton::Failure Blame(std::error_code error);
  // An answer that cannot be. The child is replaced.
  baton::Failure Distrust(std::string detail);
  // A failure of a child that is well, with more about it for TakeDetail.
  baton::Failure Explain(std::error_code error, std::string detail);

 private:
  baton::Result<void> Start();
  bool HasEnded();
  void Replace(std::chrono::milliseconds grace);

  boost::asio::any_io_executor executor_;
  const DecoderOptions options_;
  baton::Process process_;
  std::shared_ptr<PDecoderParent> actor_;  // null: no child
  baton::Traffic file_begin_;              // its counters, when the file began
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer::time_point deadline_;  // of the file
  bool timed_out_ = false;
  std::string detail_;
};

}  // namespace samples
