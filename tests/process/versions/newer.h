// What versions 2 and 3 of PJournal have beyond version 1.
#pragma once

#include "tests/process/versions/journal.h"

namespace testing {

template <class Side>
class Newer : public Side {
 protected:
  void SendNewer() override {
    this->SendReset("all", this->Hears("Reset", [](std::uint32_t count) {
      return " " + std::to_string(count);
    }));
  }

  void SendEarly(std::string_view scenario) override {
    if (scenario == "early message") {
      this->SendReset("early", this->Hears("Reset", [](std::uint32_t) { return " answered"; }));
    }
    if (scenario == "early enumerator") {
      this->Try("Feel", this->SendFeel(Mood::kWild, {}, Marks::kStar));
    }
    if (scenario == "early flag") this->Try("Feel", this->SendFeel(Mood::kCalm, {}, Marks::kCross));
    if (scenario == "early number") {
      Note note;
      note.text = "early";
      note.stars = 1;
      this->Try("Write", this->SendWrite(std::move(note)));
    }
    if (scenario == "early memory") {
      Note note;
      note.picture = *this->AllocShmem(8);
      this->Try("Write", this->SendWrite(std::move(note)));
    }
    if (scenario == "early removal") this->Try("Hand", this->SendHand(MakePaper()));
  }

 private:
  void RecvReset(std::string why, typename Side::ResetReplier reply) override {
    this->Say("Reset " + why);
    reply(42);
  }
};

class TagParent final : public PTagParent {};

class NewerParent final : public Newer<JournalParent> {
  void SendEarly(std::string_view scenario) override {
    Newer::SendEarly(scenario);
    if (scenario == "early actor") SendTag();
  }
  void SendActors() override {
    JournalParent::SendActors();
    SendTag();
  }
  void SendTag() {
    const auto tag = std::make_shared<TagParent>();
    Try("PTag", SendPTagConstructor(tag, "blue"));
    if (tag->CanSend()) Try("Stick", tag->SendStick(7));
  }
};

class Tag final : public PTagChild {
  baton::Result<void> RecvStick(std::uint32_t on) override {
    std::printf("child tag sticks on %u\n", on);
    std::fflush(stdout);
    return {};
  }
};

class NewerChild final : public Newer<JournalChild> {
  std::shared_ptr<PTagChild> AllocPTagChild(const std::string& name) override {
    Say("PTag " + name);
    return std::make_shared<Tag>();
  }
};

}  // namespace testing
