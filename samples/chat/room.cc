#include "room.h"

namespace samples::chat {

// Whoever is about to go may not be spoken to any more: that is no reason to stop.
void Room::Add(Seat& seat) {
  for (Seat* const other : seats_) (void)other->SendCame(seat.user());
  seats_.push_back(&seat);
}

void Room::Remove(const Seat& seat) {
  if (std::erase(seats_, &seat) == 0) return;
  for (Seat* const other : seats_) (void)other->SendWent(seat.user());
}

void Room::Say(const Seat& speaker, const std::string& text) {
  for (Seat* const seat : seats_) {
    if (seat != &speaker) (void)seat->SendHeard(speaker.user(), text);
  }
}

baton::Result<void> Seat::RecvSay(std::string text) {
  room_.Say(*this, text);
  return {};
}

}  // namespace samples::chat
