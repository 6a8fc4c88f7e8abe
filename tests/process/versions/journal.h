// One side of PJournal, whose protocol has a program of its own for each version: what is the same
// in all of them. A program prints what it sent, what came, and how it ended, one line each:
//
//   journal_v2 parent SCENARIO journal_v1     starts the other one as its child
//
// A scenario is "all": everything there is, once both know each other. Any other names the one
// thing that is sent before the peer's HELLO can have come.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <baton/async.h>
#include <baton/baton.h>

#include "journalChild.h"
#include "journalParent.h"

namespace testing {

inline constexpr std::uint32_t kBegin = 1;
inline constexpr std::uint32_t kEnd = 2;

// What differs from version to version: in journal_vN.cc.
Note MakeNote(std::string text);  // as full as it can be
Paper MakePaper();
extern const std::vector<Mood> kMoods;
extern const Marks kAllMarks;

template <class Base>
class JournalSide : public Base {
 public:
  void Begin(std::string_view scenario) {
    is_whole_ = scenario == "all";
    if (!is_whole_) SendEarly(scenario);
    Try("Done", this->SendDone(kBegin));
  }

 protected:
  // A line, in one piece: both processes write to the same place.
  void Say(const std::string& words) const {
    const std::string line = std::string(name()) + words + "\n";
    (void)!::write(STDOUT_FILENO, line.data(), line.size());
  }
  void Try(const std::string& what, const baton::Result<void>& sent) const {
    if (!sent) Say(what + " not sent: " + sent.error().message() + Detail());
  }
  template <class Reply>
  auto Hears(std::string what, Reply print) {
    ++open_questions_;
    return [this, what = std::move(what), print](boost::system::error_code error, auto reply) {
      --open_questions_;
      Say(what + (error ? ": " + error.message() : print(reply)));
      CloseWhenDone();
    };
  }

  virtual void SendEarly(std::string_view scenario) = 0;
  virtual void SendNewer() = 0;   // what not every version has
  virtual void SendActors() = 0;  // the parent alone

 private:
  static const char* name() { return Base::kSide == baton::Side::kParent ? "parent " : "child "; }
  std::string Detail() const {
    const std::string field = this->send_error_detail();
    return field.empty() ? field : " (" + field + ")";
  }

  void SendAll() {
    Try("Write", this->SendWrite(MakeNote("write")));
    for (const Mood mood : kMoods) {
      const std::string word(ToString(mood));
      Try("Feel " + word, this->SendFeel(mood, {}, {}));
      Try("Feel others " + word, this->SendFeel(Mood::kCalm, {Mood::kCalm, mood}, {}));
    }
    Try("Feel marks", this->SendFeel(Mood::kCalm, {}, kAllMarks));
    Item item;
    item.template emplace<0>(MakeNote("item"));
    Try("Keep", this->SendKeep(std::move(item)));
    Try("Hand", this->SendHand(MakePaper()));
    Try("Old", this->SendOld(1));
    this->SendAsk(1, Hears("Ask", [](const auto& reply) {
                    return " " + ToString(reply.note) + " " + std::string(ToString(reply.mood));
                  }));
    SendNewer();
    SendActors();
    Try("Done", this->SendDone(kEnd));
  }

  baton::Result<void> RecvWrite(Note note) override {
    Say("Write " + ToString(note));
    return {};
  }
  baton::Result<void> RecvFeel(Mood mood, std::vector<Mood> others, Marks marks) override {
    std::string line = "Feel " + std::string(ToString(mood));
    for (const Mood other : others) line += " " + std::string(ToString(other));
    Say(line + " " + std::to_string(static_cast<unsigned>(marks)));
    return {};
  }
  baton::Result<void> RecvKeep(Item item) override {
    Say("Keep " + ToString(item));
    return {};
  }
  baton::Result<void> RecvHand(Paper paper) override {
    Say(std::string("Hand ") + (paper.file ? "with" : "without") + " a file, pages " +
        std::to_string(paper.pages));
    return {};
  }
  void RecvAsk(std::uint32_t number, typename Base::AskReplier reply) override {
    Say("Ask " + std::to_string(number));
    reply({MakeNote("reply"), Mood::kCalm});
  }
  baton::Result<void> RecvOld(std::uint32_t number) override {
    Say("Old " + std::to_string(number));
    return {};
  }
  baton::Result<void> RecvDone(std::uint32_t stage) override {
    is_done_ = stage == kEnd || !is_whole_;
    if (stage == kBegin && is_whole_) SendAll();
    CloseWhenDone();
    return {};
  }

  void CloseWhenDone() {
    const bool is_parent = Base::kSide == baton::Side::kParent;
    if (is_parent && is_done_ && open_questions_ == 0) this->Close();
  }
  void ActorDestroy(baton::ActorDestroyReason) override {
    const std::error_code error = this->close_error();
    const std::string& detail = this->close_detail();
    Say("end" + (error ? ": " + (detail.empty() ? error.message() : detail) : std::string()));
  }

  bool is_whole_ = true;
  bool is_done_ = false;
  int open_questions_ = 0;
};

class PageParent final : public PPageParent {};

class Page final : public PPageChild {
 public:
  explicit Page(std::string name) : name_(std::move(name)) {}

 private:
  baton::Result<void> RecvTurn(std::uint32_t to) override {
    std::printf("child %s turns to %u\n", name_.c_str(), to);
    std::fflush(stdout);
    return {};
  }

  const std::string name_;
};

class JournalParent : public JournalSide<PJournalParent> {
 protected:
  void SendActors() override {
    const auto page = std::make_shared<PageParent>();
    Try("PPage", SendPPageConstructor(page, MakeNote("page")));
    Try("Turn", page->SendTurn(3));
  }
};

class JournalChild : public JournalSide<PJournalChild> {
 protected:
  void SendActors() override {}
  std::shared_ptr<PPageChild> AllocPPageChild(const Note& note) override {
    Say("PPage " + ToString(note));
    return std::make_shared<Page>("page");
  }
};

template <class Parent>
int RunParent(boost::asio::io_context& io, const std::string& scenario,
              const std::string& child_program) {
  auto child =
      baton::Launch<PJournalParent>({.program = child_program, .arguments = {"child", scenario}});
  if (!child) return 2;
  auto actor = std::make_shared<Parent>();
  if (!std::move(child->endpoint).Bind(actor, io.get_executor())) return 2;
  actor->Begin(scenario);
  actor.reset();
  io.run();
  const auto end = child->process.Wait(std::chrono::seconds(30));
  return end && *end && (*end)->code == 0 && (*end)->signal == 0 ? 0 : 3;
}

template <class Child>
int RunChild(boost::asio::io_context& io, const std::string& scenario) {
  auto endpoint = baton::InheritedEndpoint<PJournalChild>();
  if (!endpoint) return 2;
  auto actor = std::make_shared<Child>();
  if (!std::move(*endpoint).Bind(actor, io.get_executor())) return 2;
  actor->Begin(scenario);
  actor.reset();
  io.run();
  return 0;
}

template <class Parent, class Child>
int RunJournal(int argc, char* argv[]) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  boost::asio::io_context io;
  if (arguments.size() == 3) return RunParent<Parent>(io, arguments[1], arguments[2]);
  return arguments.size() == 2 ? RunChild<Child>(io, arguments[1]) : 2;
}

}  // namespace testing
