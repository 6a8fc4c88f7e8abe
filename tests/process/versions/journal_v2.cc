// Version 2 of PJournal.
#include "tests/process/versions/newer.h"

namespace testing {

const std::vector<Mood> kMoods = {Mood::kCalm, Mood::kBusy, Mood::kWild};
const Marks kAllMarks = Marks::kStar | Marks::kDot | Marks::kCross;

Note MakeNote(std::string text) {
  return {std::move(text), 9, 1, std::nullopt};
}

Paper MakePaper() {
  return {baton::FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)), 3};
}

}  // namespace testing

int main(int argc, char* argv[]) {
  return testing::RunJournal<testing::NewerParent, testing::NewerChild>(argc, argv);
}
