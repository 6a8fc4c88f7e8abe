// The terminal that this process has, as a window to draw in. All that there is of ncurses.
#pragma once

#include <optional>

#include <baton/base/result.h>

#include "tools/memtrack/top/keys.h"
#include "tools/memtrack/top/picture.h"

struct screen;  // of ncurses

namespace memtrack::top {

// At most one at a time, in one thread. While it is there, nothing else may write to the terminal.
class TerminalWindow {
 public:
  // Errors: std::errc::inappropriate_io_control_operation when standard input or output is no
  // terminal; std::errc::not_supported when nothing is known about this kind ($TERM).
  static baton::Result<TerminalWindow> Open();

  TerminalWindow(TerminalWindow&& other) noexcept;
  TerminalWindow& operator=(TerminalWindow&&) = delete;
  ~TerminalWindow();  // the terminal is as it was

  Canvas canvas() const;

  // Sends the terminal what is different.
  void Show(const Picture& picture);

  // The next key that was pressed; nothing when none is waiting, or for one that means nothing.
  struct Input {
    bool is_empty = false;  // no more of them
    std::optional<KeyPress> key;
  };
  Input NextKey();

  // After SIGWINCH: asks how large the window is now.
  void Resize();

 private:
  explicit TerminalWindow(::screen* screen) : screen_(screen) {}

  ::screen* screen_;
};

}  // namespace memtrack::top
