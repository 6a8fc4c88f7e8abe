// What the checks of one end of a channel share: who it is, what it has open, and who is told when
// something is not as it must be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace soak {

// What was done so far, for the summary.
struct Counts {
  std::uint64_t messages = 0;
  std::uint64_t questions = 0;
  std::uint64_t handovers = 0;
  std::uint64_t tasks = 0;
  std::uint64_t blocked = 0;  // sends that found no room
  std::uint64_t late = 0;     // questions whose deadline came first
};

// Who hears of it.
class Witness {
 public:
  virtual ~Witness() = default;
  // Something is not as it must be: the soak has failed. May return.
  virtual void Fail(const std::string& what) = 0;
  // Something that somebody may wait for has happened.
  virtual void OnChange() {}

  Counts counts;
};

// Of one end of a channel, from before Bind until after the last completion; shared by all that
// have to do with it. Outlived by its witness.
class Life {
 public:
  // `who` begins each line about it.
  Life(Witness& witness, std::string who) : witness_(witness), who_(std::move(who)) {}

  const std::string& who() const { return who_; }
  Counts& counts() { return witness_.counts; }
  void Fail(const std::string& what) { witness_.Fail(who_ + ": " + what); }
  void FailBecause(const std::string& what, std::error_code error) {
    Fail(what + ": " + error.message());
  }
  void OnChange() { witness_.OnChange(); }

  // From now on the channel may end at any moment, and nobody is to blame. `why` is a literal.
  void Doom(const char* why) { doom_ = why; }
  bool is_doomed() const { return doom_ != nullptr; }
  // Why; for people.
  std::string doom() const { return is_doomed() ? doom_ : "nobody ended it"; }

  // Whether this may happen to a send or a question: there was no room, or the channel has ended
  // and was allowed to.
  bool Excuses(std::error_code error);

  std::size_t open = 0;   // questions, and waits for room
  std::size_t tasks = 0;  // managed actors

 private:
  Witness& witness_;
  const std::string who_;
  const char* doom_ = nullptr;
};

// One question, or another operation that completes once: kept by its completion handler, and open
// until that has gone. A handler that is dropped, or called twice, is a failure.
class Asked {
 public:
  // `what` is a literal.
  Asked(std::shared_ptr<Life> life, const char* what);
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  ~Asked();

  void Complete();
  Life& life() { return *life_; }
  // An error that may be is not looked at any further.
  void Judge(std::error_code error);

 private:
  const std::shared_ptr<Life> life_;
  const char* const what_;
  int completions_ = 0;
};

}  // namespace soak
