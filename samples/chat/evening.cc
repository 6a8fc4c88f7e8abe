#include "evening.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace samples::chat {
namespace {

using std::chrono::steady_clock;

// For a machine that has much else to do. A scene takes some milliseconds.
constexpr std::chrono::seconds kLongestScene{20};

}  // namespace

bool Evening::Play() {
  Server& on = server_;
  return Scene("Four users come, and Ann goes into the kitchen.",
               [&]() -> baton::Result<void> {
                 for (const char* name : {"Ann", "Bob", "Cleo", "Dan"}) {
                   BATON_CHECKED(on.Launch(name));
                 }
                 return on["Ann"].SendEnter("kitchen");
               },
               {"Ann enters the kitchen"}) &&
         Scene("In the kitchen.",
               [&]() -> baton::Result<void> {
                 BATON_CHECKED(on["Bob"].SendEnter("kitchen"));
                 BATON_CHECKED(on["Bob"].SendSay("kitchen", "is there any soup?"));
                 return on["Dan"].SendEnter("garden");
               },
               {"Ann sees Bob come into the kitchen",
                "Ann hears Bob in the kitchen: is there any soup?", "Dan enters the garden"}) &&
         Scene("Cleo gets to know Ann, Bob and Dan, through the server.",
               [&]() -> baton::Result<void> {
                 BATON_CHECKED(on.MakeKnown(on["Cleo"], on["Ann"]));
                 BATON_CHECKED(on.MakeKnown(on["Cleo"], on["Bob"]));
                 return on.MakeKnown(on["Dan"], on["Cleo"]);
               },
               {"Cleo knows Ann, a user", "Cleo knows Bob, a user", "Cleo knows Dan, a user",
                "Ann knows Cleo, a user", "Bob knows Cleo, a user", "Dan knows Cleo, a user"}) &&
         Scene("They talk without it, also about things of which it knows nothing.",
               [&]() -> baton::Result<void> {
                 BATON_CHECKED(on["Cleo"].SendWhisper("Ann", "you should talk to Bob"));
                 return on["Cleo"].SendMakeKnown("Ann", "Bob");
               },
               {"Ann is told by Cleo: you should talk to Bob", "Ann knows Bob, a user",
                "Bob knows Ann, a user"}) &&
         Scene("So Ann does.",
               [&] { return on["Ann"].SendWhisper("Bob", "the soup is in the pot"); },
               {"Bob is told by Ann: the soup is in the pot"}) &&
         Scene("Dan and Cleo are in the garden when Dan crashes.",
               [&]() -> baton::Result<void> {
                 BATON_CHECKED(on["Cleo"].SendEnter("garden"));
                 return on["Dan"].SendWhisper("Cleo", "I do not feel well");
               },
               {"Dan sees Cleo come into the garden", "Cleo is told by Dan: I do not feel well"}) &&
         Scene("There he goes.", [&] { return on["Dan"].SendCrash(); },
               {"Dan is gone, without a goodbye", "Cleo sees Dan leave the garden",
                "Cleo has lost Dan"}) &&
         Scene("The others go on, and a new Dan comes.",
               [&]() -> baton::Result<void> {
                 BATON_CHECKED(on.Launch("Dan"));
                 BATON_CHECKED(on.MakeKnown(on["Dan"], on["Ann"]));
                 return on["Dan"].SendWhisper("Ann", "here I am again");
               },
               {"Dan knows Ann, a user", "Ann is told by Dan: here I am again"}) &&
         Scene("Bob leaves the kitchen, but not his friends.",
               [&]() -> baton::Result<void> {
                 BATON_CHECKED(on["Bob"].SendLeave("kitchen"));
                 return on["Bob"].SendWhisper("Ann", "thank you for the soup");
               },
               {"Ann sees Bob leave the kitchen", "Ann is told by Bob: thank you for the soup"}) &&
         Goodbye();
}

bool Evening::Scene(const std::string& title, const Act& act,
                    const std::vector<std::string>& until) {
  transcript_.Title(title);
  if (const auto done = act(); !done) {
    std::printf("  (%s)\n", done.error().message().c_str());
    return false;
  }
  const auto is_over = [&] {
    return std::ranges::all_of(until, [&](const auto& line) { return transcript_.Shows(line); });
  };
  const auto deadline = steady_clock::now() + kLongestScene;
  io_.restart();
  while (!is_over() && io_.run_one_until(deadline) > 0) {
  }
  if (is_over()) return true;
  for (const std::string& line : until) {
    if (!transcript_.Shows(line)) std::printf("  (missing: %s)\n", line.c_str());
  }
  return false;
}

// One after the other, so that the last one has nobody left.
bool Evening::Goodbye() {
  return Scene("Good night.",
               [&]() -> baton::Result<void> {
                 for (const auto& [name, user] : server_.users()) user->Close();
                 return {};
               },
               {"Ann goes home", "Bob goes home", "Cleo goes home", "Dan goes home"});
}

}  // namespace samples::chat
