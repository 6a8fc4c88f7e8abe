// A name that other programs on this machine can connect to, and connecting to one. Never blocks.
//
// An address is the path of a socket file, or `@name` for a name in Linux's abstract space, which
// has no file and no permissions and goes away with its listener (a file called `@name` is
// `./@name`). At most kMaxLocalAddress bytes, none of them 0.
#pragma once

#include <cstddef>
#include <string>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// A path may be this long; an abstract name too, its `@` counted.
inline constexpr std::size_t kMaxLocalAddress = 107;

// The address and the socket that listens there. Move-only. Not to be used by two threads at once.
class LocalListener {
 public:
  // Begins to listen. `mode` is what chmod(1) takes, for the socket file; whoever may write to it
  // may connect. The file never has more permissions than these, not for a moment, and the umask
  // does not change them. Abstract names have no mode.
  //
  // A socket file on which nobody listens any more is replaced. PATH.lock beside it, an empty
  // file that is locked while the listener lives, keeps two that start at the same time from
  // replacing each other; both files go away with the listener, unless somebody else's are there by
  // then, or this is a fork of the process that made them.
  //
  // Errors: address_in_use (a live listener, or one that we may not ask); not_a_socket (something
  // else is there, and stays); file_exists (PATH.lock is no file); filename_too_long;
  // invalid_argument (an empty address, a 0 in it, a mode beyond 0777); the system's (no such
  // folder, permission denied, too many open files).
  static Result<LocalListener> Listen(const std::string& address, unsigned mode);

  // Whoever still waits is turned away, and what he has sent holds up nobody (CloseForeign).
  LocalListener(LocalListener&&) noexcept = default;
  LocalListener& operator=(LocalListener&& other) noexcept;
  ~LocalListener();

  // Readable when somebody waits to be accepted.
  const Handle& handle() const { return socket_; }

  // The next who waits: a non-blocking, close-on-exec stream socket for SendSome and ReceiveSome,
  // as an end (TakeEnd). What guests send counts as one peer's (MayReceiveFrom), however often they
  // come, until one is let in (TakeAnew). Errors: operation_would_block when there is none;
  // connection_aborted (he has gone again); too_many_files_open, also where too many handles of
  // guests do not close, and the like of the system, for a later try: he goes on waiting.
  Result<Handle> Accept();

 private:
  // The files of a listener; removes them. Members are destroyed from the last to the first: the
  // files go while the socket still holds the inode, whose number nobody else can have till then.
  class Files {
   public:
    Files() = default;
    Files(std::string path, Handle lock);
    Files(Files&& other) noexcept;
    Files& operator=(Files&& other) noexcept;
    ~Files();

    // Learns which file is ours and gives it its mode.
    Result<void> Adopt(unsigned mode);

   private:
    void Remove();

    std::string path_;  // absolute; empty when there is nothing to remove
    Handle lock_;
    int maker_ = 0;  // the process
    unsigned long long device_ = 0;
    unsigned long long inode_ = 0;  // 0 while not known
  };

  LocalListener() = default;

  void Close();
  bool TurnAwayAll();

  static Result<Files> BindFile(const Handle& socket, const std::string& path, unsigned mode);

  Handle socket_;
  Files files_;
};

// A non-blocking, close-on-exec stream socket to whoever listens at `address`, before he has
// accepted it; an end (TakeEnd). Errors: operation_would_block when too many wait there already,
// for a later try; no_such_file_or_directory and connection_refused when nobody listens;
// permission_denied; filename_too_long and invalid_argument as above; the system's.
Result<Handle> ConnectLocal(const std::string& address);

}  // namespace baton::platform
