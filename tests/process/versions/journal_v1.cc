// Version 1 of PJournal, and a text that claims to be version 1.
#include "tests/process/versions/journal.h"

namespace testing {

const std::vector<Mood> kMoods = {Mood::kCalm, Mood::kBusy};
const Marks kAllMarks = Marks::kStar | Marks::kDot;

Note MakeNote(std::string text) {
  return {std::move(text), 9};
}

Paper MakePaper() {
  return {baton::FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)), 3};
}

namespace {

// What later versions have, this one has not.
template <class Side>
class Oldest final : public Side {
  void SendEarly(std::string_view) override {}
  void SendNewer() override {}
};

}  // namespace
}  // namespace testing

int main(int argc, char* argv[]) {
  return testing::RunJournal<testing::Oldest<testing::JournalParent>,
                             testing::Oldest<testing::JournalChild>>(argc, argv);
}
