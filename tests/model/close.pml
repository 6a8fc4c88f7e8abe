/* Close against send: two sides of one channel, data by ring and by stream, GOODBYE, the end of the
 * stream, and death.
 *
 * What stands for what:
 *   ring[d]      the data ring of direction d (runtime/channel/ring.cc): sequence numbers, in order
 *   goodbye[d]   GOODBYE in the control ring of direction d, with the data sequence it waits for
 *   stream[d]    the socket: data frames, doorbells (which mean nothing here; ring.pml has them),
 *                GOODBYE
 *   gone[d]      the sender of direction d has closed its socket: what is in it can still be read,
 *                then comes end of file
 *   a pass       the read side of the channel: one look at the rings, then at the stream, then what
 *                follows from both. Between the looks the other side goes on.
 *   Close        Channel::Close: no send is taken any more, what was taken still leaves
 *
 * A side that sleeps is a guard that blocks: waking is proved in ring.pml.
 *
 * Checked: both sides end, whoever closes or dies and whenever (no end but the good one); the next
 * data number is always at the head of ring or stream; who does not close himself gets everything
 * that was sent before the other's Close, and after it the news of a good end; of who died, he gets
 * what had left, and the news that he died.
 *
 * Faults that have to be found:
 *   NO_LOOK_AFTER_EOF   at end of file the rings are not looked at once more
 *   NO_SECOND_LOOK      a wrong number in the stream is a fault, without another look at the ring
 *   IGNORE_AFTER        GOODBYE ends the channel although data that it waits for is still to come
 *   EARLY_EOF           who closes does not wait until everything has left
 *   DEAF_CLOSER         who has closed reads no more: both can wait for room for ever
 */
#define SENDS 3      /* of each side, at most */
#define RING_ROOM 1
#define NOTHING 255

mtype = { DATA, GOODBYE };
mtype = { OPEN, CLOSING, ENDED };
mtype = { NONE, CLOSED, PEER_CLOSED, PEER_DIED };

chan ring0 = [RING_ROOM] of { byte };
chan ring1 = [RING_ROOM] of { byte };
chan stream0 = [1] of { mtype, byte };
chan stream1 = [1] of { mtype, byte };
byte goodbye[2] = NOTHING;
bool gone[2];

mtype phase[2] = OPEN;
mtype reason[2] = NONE;
bool closed[2];   /* Close was called */
byte taken[2];    /* sends that were taken by Send; when they leave is open */
byte left[2];     /* of these, how many are in ring or stream */
byte received[2]; /* data frames that arrived, from the other */
bool ended[2];
bool died[2];
bool may_die;     /* side 0 */
bool may_close;   /* side 1; side 0 does in any case, if it does not die */

inline End(why) {
  d_step {
    phase[me] = ENDED;
    reason[me] = why;
    gone[me] = true
  }
}

proctype Side(byte me; chan ring_out; chan ring_in; chan stream_out; chan stream_in) {
  byte peer = 1 - me;
  bool said_goodbye;
  byte after = NOTHING;  /* of the GOODBYE that has arrived */
  bool looks_again, ring_has_later;

  do
  :: phase[me] == ENDED -> break

  /* --- the user, who has sent before he closes --- */
  :: d_step { phase[me] == OPEN && (me == 0 || may_close) ->
       closed[me] = true; phase[me] = CLOSING }
  :: d_step { phase[me] != ENDED && me == 0 && may_die ->
       died[me] = true; phase[me] = ENDED; gone[me] = true }

  /* --- what leaves; after the peer is gone it is thrown away --- */
  :: atomic { phase[me] != ENDED && left[me] < taken[me] && nfull(ring_out) ->
       ring_out!left[me]; left[me]++ }
  :: atomic { phase[me] != ENDED && left[me] < taken[me] && !gone[peer] && nfull(stream_out) ->
       stream_out!DATA, left[me]; left[me]++ }
  :: phase[me] != ENDED && left[me] < taken[me] && gone[peer] -> left[me] = taken[me]
  /* control overtakes data by the ring, but not within the stream */
  :: d_step { phase[me] == CLOSING && !said_goodbye ->
       goodbye[me] = taken[me]; said_goodbye = true }
  :: atomic { phase[me] == CLOSING && !said_goodbye && left[me] == taken[me] &&
       (nfull(stream_out) || gone[peer]) ->
       if
       :: gone[peer]
       :: else -> stream_out!GOODBYE, taken[me]
       fi;
       said_goodbye = true }
#ifdef EARLY_EOF
  :: phase[me] == CLOSING && said_goodbye -> End(CLOSED)
#else
  :: phase[me] == CLOSING && said_goodbye && left[me] == taken[me] -> End(CLOSED)
#endif

  /* --- a pass of the read side --- */
  :: phase[me] != ENDED &&
#ifdef DEAF_CLOSER
     phase[me] != CLOSING &&
#endif
     (nempty(ring_in) || (goodbye[peer] != NOTHING && after == NOTHING) || nempty(stream_in) ||
      gone[peer] || after == received[me]) ->
look_at_rings:
    if
    :: goodbye[peer] != NOTHING -> after = goodbye[peer]
    :: else
    fi;
    atomic {
      if
      :: ring_in?[eval(received[me])] -> ring_in?_; received[me]++; goto next_pass
      :: else -> ring_has_later = nempty(ring_in)
      fi
    };
look_at_stream:
    if
    :: atomic { stream_in?[DATA, eval(received[me])] -> stream_in?_, _; received[me]++ }
    :: stream_in?GOODBYE, after
    :: atomic { stream_in?[DATA, _] && !stream_in?[DATA, eval(received[me])] ->
#ifndef NO_SECOND_LOOK
         if
         :: !looks_again -> looks_again = true; goto look_at_rings
         :: else
         fi;
#endif
         assert(false) /* the number that comes next is nowhere: Rule::kSequence */ }
    :: empty(stream_in) && !gone[peer] -> assert(!ring_has_later)
    :: empty(stream_in) && gone[peer] ->
#ifndef NO_LOOK_AFTER_EOF
      if
      :: nempty(ring_in) || (goodbye[peer] != NOTHING && after == NOTHING) -> goto look_at_rings
      :: empty(ring_in) && (goodbye[peer] == NOTHING || after != NOTHING)
      fi;
#endif
      if
      :: after == received[me]
      :: phase[me] == CLOSING -> End(CLOSED)
      :: after != received[me] && phase[me] == OPEN -> End(PEER_DIED)
      fi
    fi;
next_pass:
    atomic { looks_again = false; ring_has_later = false };
#ifdef IGNORE_AFTER
    if
    :: after != NOTHING && phase[me] != ENDED -> End(PEER_CLOSED)
#else
    if
    :: after == received[me] && phase[me] != ENDED -> End(PEER_CLOSED)
#endif
    :: else
    fi
  od;
  ended[me] = true
}

/* Side `by` has closed in good order, and `other` had not. */
#define CLOSED_ALONE(by, other) (reason[by] == CLOSED && !closed[other] && !died[other])

init {
  byte side;
  for (side : 0 .. 1) {
    do
    :: taken[side] < SENDS -> taken[side]++
    :: break
    od
  }
  if
  :: may_close = true
  :: skip
  fi;
  if
  :: may_die = true
  :: skip
  fi;
  atomic {
    run Side(0, ring0, ring1, stream0, stream1);
    run Side(1, ring1, ring0, stream1, stream0)
  }
  ended[0] && ended[1];
  assert(!CLOSED_ALONE(0, 1) || (received[1] == taken[0] && reason[1] == PEER_CLOSED));
  assert(!CLOSED_ALONE(1, 0) || (received[0] == taken[1] && reason[0] == PEER_CLOSED));
  assert(!died[0] || closed[1] || received[1] == left[0]);
  assert(died[0] || reason[1] != PEER_DIED);
  assert(reason[0] != PEER_DIED)
}

ltl both_end { <> (ended[0] && ended[1]) }
