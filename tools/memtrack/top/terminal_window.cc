#include "tools/memtrack/top/terminal_window.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <string>
#include <string_view>
#include <utility>

#include "tools/memtrack/top/screen_text.h"

#define NCURSES_NOMACROS 1  // erase, move and other words of ours
#include <curses.h>

namespace memtrack::top {
namespace {

constexpr int kEscapeMilliseconds = 25;  // between the bytes of one key

enum Pair : short { kLeakPair = 1, kRiskPair = 2 };

void StartColors() {
  if (!::has_colors() || ::start_color() == ERR) return;
  const short background = ::use_default_colors() == ERR ? short{COLOR_BLACK} : short{-1};
  (void)::init_pair(kLeakPair, COLOR_RED, background);
  (void)::init_pair(kRiskPair, COLOR_YELLOW, background);
}

attr_t AttributesOf(Look look) {
  const auto pair = [](Pair one) {
    return ::has_colors() ? static_cast<attr_t>(COLOR_PAIR(one)) : attr_t{0};
  };
  switch (look) {
    case Look::kPlain: return A_NORMAL;
    case Look::kStrong: return A_BOLD;
    case Look::kFaint: return A_DIM;
    case Look::kTitle: return A_REVERSE;
    case Look::kSortedTitle: return A_REVERSE | A_BOLD | A_UNDERLINE;
    case Look::kSelected: return A_REVERSE;
    case Look::kLeak: return A_BOLD | pair(kLeakPair);
    case Look::kRisk: return pair(kRiskPair);
  }
  return A_NORMAL;
}

bool IsUtf8() {
  return std::strcmp(::nl_langinfo(CODESET), "UTF-8") == 0;
}

// As ncurses takes it, and no wider than `room` cells of this terminal, whose opinion on widths may
// be another one than ours.
std::wstring Wide(std::string_view text, bool is_utf8, int& room) {
  std::wstring wide;
  while (!text.empty()) {
    const char32_t character = TakeCharacter(text);
    auto shown = static_cast<wchar_t>(character);
    if ((character > 0x7e && !is_utf8) || ::wcwidth(shown) < 0) shown = L'?';
    const int cells = ::wcwidth(shown);
    if (cells > room) break;
    room -= cells;
    wide.push_back(shown);
  }
  return wide;
}

KeyPress Character(wint_t character) {
  return {Key::kCharacter, static_cast<char32_t>(character)};
}

std::optional<KeyPress> KeyOf(int code) {
  switch (code) {
    case KEY_UP: return KeyPress{Key::kUp};
    case KEY_DOWN: return KeyPress{Key::kDown};
    case KEY_PPAGE: return KeyPress{Key::kPageUp};
    case KEY_NPAGE: return KeyPress{Key::kPageDown};
    case KEY_HOME: return KeyPress{Key::kHome};
    case KEY_END: return KeyPress{Key::kEnd};
    case KEY_LEFT: return KeyPress{Key::kLeft};
    case KEY_RIGHT: return KeyPress{Key::kRight};
    case KEY_ENTER: return KeyPress{Key::kEnter};
    case KEY_BACKSPACE: return KeyPress{Key::kBackspace};
    default: return std::nullopt;  // KEY_RESIZE as well: the next picture has the new size
  }
}

KeyPress KeyOfCharacter(wint_t character) {
  switch (character) {
    case L'\n':
    case L'\r': return {Key::kEnter};
    case L'\t': return {Key::kTab};
    case 0x1b: return {Key::kEscape};
    case 0x08:
    case 0x7f: return {Key::kBackspace};
    default: return Character(character);
  }
}

}  // namespace

baton::Result<TerminalWindow> TerminalWindow::Open() {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
    return baton::Fail(std::make_error_code(std::errc::inappropriate_io_control_operation));
  }
  (void)std::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): one thread
  ::screen* const screen = ::newterm(nullptr, stdout, stdin);
  if (screen == nullptr) return baton::Fail(std::make_error_code(std::errc::not_supported));
  TerminalWindow window(screen);
  (void)::set_escdelay(kEscapeMilliseconds);
  (void)::cbreak();
  (void)::noecho();
  (void)::nonl();
  (void)::keypad(stdscr, true);
  (void)::nodelay(stdscr, true);
  (void)::curs_set(0);
  StartColors();
  return window;
}

TerminalWindow::TerminalWindow(TerminalWindow&& other) noexcept
    : screen_(std::exchange(other.screen_, nullptr)) {}

TerminalWindow::~TerminalWindow() {
  if (screen_ == nullptr) return;
  (void)::endwin();
  ::delscreen(screen_);
}

Canvas TerminalWindow::canvas() const {
  const int width = ::getmaxx(stdscr);
  const int height = ::getmaxy(stdscr);
  return {.width = static_cast<std::size_t>(std::max(width, 0)),
          .height = static_cast<std::size_t>(std::max(height, 0)),
          .has_unicode = IsUtf8()};
}

void TerminalWindow::Show(const Picture& picture) {
  const bool is_utf8 = IsUtf8();
  (void)::werase(stdscr);
  int row = 0;
  for (const Line& line : picture.lines) {
    if (::wmove(stdscr, row++, 0) == ERR) break;
    int room = ::getmaxx(stdscr);
    for (const Span& span : line) {
      (void)::wattrset(stdscr, static_cast<int>(AttributesOf(span.look)));
      (void)::waddwstr(stdscr, Wide(span.text, is_utf8, room).c_str());
    }
  }
  (void)::wattrset(stdscr, A_NORMAL);
  (void)::wrefresh(stdscr);
}

TerminalWindow::Input TerminalWindow::NextKey() {
  wint_t character = 0;
  switch (::wget_wch(stdscr, &character)) {
    case OK: return {false, KeyOfCharacter(character)};
    case KEY_CODE_YES: return {false, KeyOf(static_cast<int>(character))};
    default: return {true, std::nullopt};
  }
}

void TerminalWindow::Resize() {
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return;
  if (size.ws_row > 0 && size.ws_col > 0) (void)::resizeterm(size.ws_row, size.ws_col);
}

}  // namespace memtrack::top
