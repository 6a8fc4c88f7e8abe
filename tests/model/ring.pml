/* Sleep and wake of one ring and the doorbells of its two sides.
 *
 * What stands for what (runtime/channel/ring.cc):
 *   Publish()          RingWriter::Publish       the written count, then the flag of the reader
 *   the writer's wait  RingWriter::AskForRoom    the flag of the writer, then the read count
 *   ReleaseRoom()      RingReader::Release, GrantRoom
 *   the reader's sleep RingReader::Sleep, Wake
 *   Ring(bell)         one byte on the socket with MSG_DONTWAIT; EAGAIN counts as delivered, for then
 *                      unread bytes are there. A socket has room for one byte here.
 *   bell?...           whoever wakes up drains the socket, before it looks at the ring
 *   Stranger           a frame on the same socket, which wakes the reader without the ring
 *
 * Counts are of records here, one slot each. Every step is sequentially consistent, as all of these
 * operations are in the code. The written count may go by a store buffer: PLAIN_STORE.
 *
 * Checked: no end but the good one (a lost wake-up is a deadlock), a record is read as it was
 * written, and `delivered`: everything arrives in the end.
 *
 * Faults that have to be found:
 *   NO_RECHECK          the reader does not look again after it has set its flag
 *   NO_ROOM_RECHECK     the writer does not look again after it has asked for room
 *   PLAIN_STORE         the writer's count is a plain store, and so may become visible after the
 *                       writer has read the reader's flag
 *   DRAIN_AFTER_SLEEP   the socket is drained after the last look, not before
 *   NO_PUBLISH          the writer waits for room before it has published
 */
#define RECORDS 5
#define CAPACITY 2

byte slot[CAPACITY];
byte written, read;
bool reader_sleeps = true;  /* by the constructor of the writer */
bool writer_waits;
byte taken;

chan reader_bell = [1] of { bit };
chan writer_bell = [1] of { bit };

inline Ring(bell) {
  atomic {
    if
    :: nfull(bell) -> bell!1
    :: full(bell)
    fi
  }
}

/* exchange(0): who of several gets the flag rings the doorbell. */
inline TakeFlagAndRing(flag, bell) {
  if
  :: flag ->
    atomic { got = flag; flag = false }
    if
    :: got -> Ring(bell)
    :: else
    fi
  :: else
  fi
}

#ifdef PLAIN_STORE
chan store_buffer = [RECORDS] of { byte };

active proctype StoreBuffer() {
  byte count;
end:
  do
  :: store_buffer?count -> written = count
  od
}

#define STORE_WRITTEN(count) store_buffer!count
#else
#define STORE_WRITTEN(count) written = count
#endif

inline Publish() {
  if
  :: published != appended ->
    published = appended;
    STORE_WRITTEN(published);
    TakeFlagAndRing(reader_sleeps, reader_bell)
  :: else
  fi
}

active proctype Writer() {
  byte appended, published, seen_read;
  bool got;

  do
  :: appended < RECORDS && appended - seen_read < CAPACITY ->
    slot[appended % CAPACITY] = appended;
    appended++;
    if
    :: Publish()
    :: skip  /* a batch */
    fi
  :: appended < RECORDS && appended - seen_read == CAPACITY ->
    seen_read = read;
    if
    :: appended - seen_read < CAPACITY
    :: else ->
#ifndef NO_PUBLISH
      Publish();
#endif
      writer_waits = true;
#ifndef NO_ROOM_RECHECK
      seen_read = read;
#endif
      if
      :: 2 * (appended - seen_read) <= CAPACITY -> writer_waits = false
      :: else -> writer_bell?_
      fi
    fi
  :: appended == RECORDS -> break
  od;
  Publish()
}

inline ReleaseRoom() {
  if
  :: released != taken ->
    released = taken;
    read = released;
    if
    :: writer_waits ->
      seen_written = written;
      if
      :: 2 * (seen_written - taken) <= CAPACITY -> TakeFlagAndRing(writer_waits, writer_bell)
      :: else
      fi
    :: else
    fi
  :: else
  fi
}

active proctype Reader() {
  byte released, seen_written;
  bool got;

  do
  :: taken < RECORDS && seen_written > taken ->
    assert(slot[taken % CAPACITY] == taken);
    taken++;
    if
    :: ReleaseRoom()
    :: skip
    fi
  :: taken < RECORDS && seen_written == taken ->
    seen_written = written;
    if
    :: seen_written > taken
    :: else ->
      ReleaseRoom();
      if
      :: skip  /* looks once more, as a poller does */
      :: reader_sleeps = true;
#ifndef NO_RECHECK
        seen_written = written;
#endif
        if
        :: seen_written > taken -> reader_sleeps = false
        :: else ->
#ifdef DRAIN_AFTER_SLEEP
          if
          :: reader_bell?_
          :: empty(reader_bell)
          fi;
#endif
          reader_bell?_;
          reader_sleeps = false  /* Wake */
        fi
      fi
    fi
  :: taken == RECORDS -> break
  od;
  ReleaseRoom()
}

active proctype Stranger() {
  Ring(reader_bell)
}

ltl delivered { <> (taken == RECORDS) }
