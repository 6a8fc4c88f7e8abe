#include "evening.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace samples::chat {
namespace {

using baton::Result;
using std::chrono::steady_clock;

// For a machine that has much else to do. A scene takes some milliseconds.
constexpr std::chrono::seconds kLongestScene{20};

}  // namespace

bool Evening::Play() {
  return Arrivals() && Introductions() && ACrash() && Departures();
}

bool Evening::Arrivals() {
  const auto come = [&]() -> Result<void> {
    for (const char* name : {"Ann", "Bob", "Cleo", "Dan"}) BATON_CHECKED(server_.Launch(name));
    return server_["Ann"].SendEnter("kitchen");
  };
  const auto talk = [&]() -> Result<void> {
    BATON_CHECKED(server_["Bob"].SendEnter("kitchen"));
    BATON_CHECKED(server_["Bob"].SendSay("kitchen", "is there any soup?"));
    return server_["Dan"].SendEnter("garden");
  };
  return Scene("Four users come, and Ann goes into the kitchen.", come,
               {"Ann enters the kitchen"}) &&
         Scene("Bob follows her, and talks to whoever is there.", talk,
               {"Ann sees Bob come into the kitchen",
                "Ann hears Bob in the kitchen: is there any soup?", "Dan enters the garden"});
}

bool Evening::Introductions() {
  const auto by_the_server = [&]() -> Result<void> {
    BATON_CHECKED(server_.MakeKnown(server_["Cleo"], server_["Ann"]));
    BATON_CHECKED(server_.MakeKnown(server_["Cleo"], server_["Bob"]));
    return server_.MakeKnown(server_["Dan"], server_["Cleo"]);
  };
  const auto by_cleo = [&]() -> Result<void> {
    BATON_CHECKED(server_["Cleo"].SendWhisper("Ann", "you should talk to Bob"));
    return server_["Cleo"].SendMakeKnown("Ann", "Bob");
  };
  const auto answer = [&] { return server_["Ann"].SendWhisper("Bob", "the soup is in the pot"); };
  return Scene("The server makes Cleo known to the others.", by_the_server,
               {"Cleo knows Ann, a user", "Cleo knows Bob, a user", "Cleo knows Dan, a user",
                "Ann knows Cleo, a user", "Bob knows Cleo, a user", "Dan knows Cleo, a user"}) &&
         Scene("From now on they talk without it. Cleo makes two friends known to each other.",
               by_cleo,
               {"Ann is told by Cleo: you should talk to Bob", "Ann knows Bob, a user",
                "Bob knows Ann, a user"}) &&
         Scene("So Ann can answer Bob in private.", answer,
               {"Bob is told by Ann: the soup is in the pot"});
}

bool Evening::ACrash() {
  const auto meet = [&]() -> Result<void> {
    BATON_CHECKED(server_["Cleo"].SendEnter("garden"));
    return server_["Dan"].SendWhisper("Cleo", "I do not feel well");
  };
  const auto crash = [&] { return server_["Dan"].SendCrash(); };
  const auto come_back = [&]() -> Result<void> {
    BATON_CHECKED(server_.Launch("Dan"));
    BATON_CHECKED(server_.MakeKnown(server_["Dan"], server_["Ann"]));
    return server_["Dan"].SendWhisper("Ann", "here I am again");
  };
  return Scene("Dan and Cleo are in the garden.", meet,
               {"Dan sees Cleo come into the garden", "Cleo is told by Dan: I do not feel well"}) &&
         Scene("Dan crashes.", crash,
               {"Dan is gone, without a goodbye", "Cleo sees Dan leave the garden",
                "Cleo has lost Dan"}) &&
         Scene("The others go on, and a new Dan comes.", come_back,
               {"Dan knows Ann, a user", "Ann knows Dan, a user",
                "Ann is told by Dan: here I am again"});
}

bool Evening::Departures() {
  const auto leave = [&]() -> Result<void> {
    BATON_CHECKED(server_["Bob"].SendLeave("kitchen"));
    return server_["Bob"].SendWhisper("Ann", "thank you for the soup");
  };
  const auto go_home = [&]() -> Result<void> {
    for (const auto& [name, user] : server_.users()) user->Close();
    return {};
  };
  return Scene("Bob leaves the kitchen, but not his friends.", leave,
               {"Ann sees Bob leave the kitchen", "Ann is told by Bob: thank you for the soup"}) &&
         Scene("Good night.", go_home,
               {"Ann goes home", "Bob goes home", "Cleo goes home", "Dan goes home"});
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

}  // namespace samples::chat
