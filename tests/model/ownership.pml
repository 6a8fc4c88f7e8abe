/* Who owns one piece of safe memory: two sides of one channel hand it to each other, and either may
 * free it, close, cut the line without a word, or die, between any two steps.
 *
 * What stands for what:
 *   state, transfers   a side's private record of the memory (runtime/shmem/)
 *   touch[s]           that side's page tables let it in
 *   keeps[s]           that side has a handle, so the memory outlives the other one
 *   data[d], control[d]  the lanes of direction d; nothing is in order between the two
 *   gone[d]            the sender of direction d has ended: what it sent can still be read
 *   taken[s]           the newest hand-over that this side has taken; GOODBYE says it
 *   IN_FLIGHT          sent, and not known to have been taken; ACK makes it AT_PEER
 *   ORPHAN             in flight when the line was cut: nobody knows who has it until one is dead
 *
 * Checked: at no time both sides own it, or may touch it. Whoever has a handle and survives the
 * other has the memory. Two sides that part with GOODBYE agree who owns it. A side believes no
 * message that does not fit its record (Rule::kShmemState).
 *
 * Faults that have to be found:
 *   REVOKE_LATE           the message leaves before the page tables follow
 *   RETURN_WITHOUT_DEATH  what was in flight when the line was cut is ours again, though he lives
 *   RECOVER_BEFORE_DRAIN  a death is acted on before all that the dead one sent was read
 *   NO_KEPT_HANDLE        the handle leaves with the message
 *   DEAF_GOODBYE          what was in flight at a GOODBYE counts as delivered
 *   ANY_ACK               an ACK is believed whichever transfer it names
 */
#define MOST 4  /* transfers */

mtype = { MOVE, ACK, RELEASE, GOODBYE };
mtype = { NONE, OWNED, IN_FLIGHT, AT_PEER, ORPHAN, FREED };
mtype = { OPEN, CLOSING, SHUT };

chan data0 = [3] of { byte };
chan data1 = [3] of { byte };
chan control0 = [6] of { mtype, byte };
chan control1 = [6] of { mtype, byte };

mtype state[2] = NONE;
byte transfers[2];
byte taken[2];
bool touch[2], keeps[2];
mtype phase[2] = OPEN;
bool gone[2], died[2];
bool freed, cut, settled[2], over[2];
bool had[2];        /* has owned it once */
bool may_cut, may_die;

inline Shut() {
  phase[me] = SHUT;
  gone[me] = true
}

inline Own() {
  had[me] = true;
  state[me] = OWNED;
  touch[me] = true
}

inline Die() {
  died[me] = true;
  Shut();
  state[me] = NONE;
  touch[me] = false;
  keeps[me] = false
}

/* Sending: revoke, then let the message go; whoever dies in between has sent nothing. */
inline Revoke() {
  sending = true;
#ifndef REVOKE_LATE
  touch[me] = false
#else
  out!transfers[me] + 1
#endif
}

inline Depart() {
  sending = false;
#ifdef REVOKE_LATE
  touch[me] = false;
#else
  out!transfers[me] + 1;
#endif
#ifdef NO_KEPT_HANDLE
  keeps[me] = false;
#endif
  transfers[me] = transfers[me] + 1;
  state[me] = IN_FLIGHT
}

inline Arrive() {
  in?number;
  assert(number == transfers[me] + 1);
  assert(state[me] == NONE || state[me] == IN_FLIGHT || state[me] == AT_PEER);
  transfers[me] = number;
  taken[me] = number;
  keeps[me] = true;
  Own();
  say!ACK, number;
  number = 0
}

inline Free() {
  touch[me] = false;
  keeps[me] = false;
  state[me] = FREED;
  freed = true;
  if
  :: transfers[me] > 0 && phase[me] == OPEN -> say!RELEASE, transfers[me]
  :: else
  fi
}

/* The peer has parted in an orderly way, and says what it has taken. */
inline Settle(last) {
  if
#ifdef DEAF_GOODBYE
  :: state[me] == IN_FLIGHT -> state[me] = AT_PEER
#else
  :: state[me] == IN_FLIGHT && transfers[me] <= last -> state[me] = AT_PEER
  :: state[me] == IN_FLIGHT && transfers[me] > last -> Own()  /* Returned(kUndelivered) */
#endif
  :: else
  fi
}

/* Control frames. Who has said GOODBYE still listens to these, until the other has parted as well. */
inline Hear() {
  hear?kind, number;
  if
#ifdef ANY_ACK
  :: kind == ACK && state[me] == IN_FLIGHT -> state[me] = AT_PEER
  :: kind == ACK && state[me] != IN_FLIGHT
#else
  :: kind == ACK && state[me] == IN_FLIGHT && transfers[me] == number -> state[me] = AT_PEER
  :: kind == ACK && !(state[me] == IN_FLIGHT && transfers[me] == number)
#endif
  :: kind == RELEASE ->
    assert(transfers[me] == number && (state[me] == IN_FLIGHT || state[me] == AT_PEER));
    state[me] = FREED;
    keeps[me] = false
  :: kind == GOODBYE ->
    Settle(number);
    if
    :: phase[me] == OPEN -> say!GOODBYE, taken[me]
    :: else
    fi;
    Shut()
  fi;
  kind = 0;
  number = 0
}

/* The stream has ended, everything in it was read, and there was no GOODBYE. */
inline LineCut() {
  cut = true;
  if
  :: state[me] == IN_FLIGHT ->
#ifdef RETURN_WITHOUT_DEATH
    Own()
#else
    state[me] = ORPHAN
#endif
  :: else
  fi;
  Shut()
}

/* He is dead: all that he could have owned is ours, Returned(kMaybeSeen) or Recovered. */
inline Inherit() {
  settled[me] = true;
  if
  :: keeps[me] && (state[me] == IN_FLIGHT || state[me] == ORPHAN || state[me] == AT_PEER) -> Own()
  :: else
  fi
}

#define HE (1 - me)
#define DRAINED (empty(in) && empty(hear))
/* A GOODBYE follows the data that was sent before it. */
#define MAY_HEAR (nempty(hear) && (empty(in) || phase[me] == CLOSING || !hear?[GOODBYE, _]))

proctype Side(byte me; chan out; chan in; chan say; chan hear) {
  mtype kind;
  byte number;
  bool sending;

  do
  :: atomic { died[me] -> break }
  :: atomic { may_die && !died[me] -> Die() }
  :: atomic { !died[me] && sending && phase[me] == OPEN -> Depart() }
  :: atomic { !sending && phase[me] == OPEN && state[me] == OWNED && transfers[me] < MOST ->
       Revoke() }
  :: atomic { !sending && !died[me] && state[me] == OWNED && !freed -> Free() }
  :: atomic { !sending && phase[me] == OPEN && nempty(in) -> Arrive() }
  :: atomic { !sending && phase[me] != SHUT && MAY_HEAR -> Hear() }
  :: atomic { !sending && phase[me] == OPEN -> phase[me] = CLOSING; say!GOODBYE, taken[me] }
  :: atomic { !sending && phase[me] != SHUT && may_cut -> cut = true; LineCut() }
  :: atomic { !sending && phase[me] == OPEN && gone[HE] && DRAINED -> LineCut() }
  :: atomic { !sending && phase[me] == CLOSING && gone[HE] && empty(hear) -> LineCut() }
#ifdef RECOVER_BEFORE_DRAIN
  :: atomic { !died[me] && !sending && !settled[me] && died[HE] -> Inherit() }
#else
  :: atomic { !died[me] && !sending && !settled[me] && died[HE] && phase[me] == SHUT -> Inherit() }
#endif
  :: atomic { phase[me] == SHUT && phase[HE] == SHUT && !sending &&
              (settled[me] || !died[HE]) && (died[HE] || !may_die) -> break }
  od;
  over[me] = true
}

#define OWNERS ((state[0] == OWNED) + (state[1] == OWNED))
#define PARTED (!cut && !died[0] && !died[1])
#define UNKNOWN (state[0] == ORPHAN || state[1] == ORPHAN)
#define SAVED(side) (died[side] || !keeps[side] || state[side] == OWNED)

init {
  if
  :: may_die = true
  :: skip
  fi;
  if
  :: may_cut = true
  :: skip
  fi;
  atomic {
    state[0] = OWNED; had[0] = true; touch[0] = true; keeps[0] = true;
    run Side(0, data0, data1, control0, control1);
    run Side(1, data1, data0, control1, control0)
  };
  over[0] && over[1];
  assert(!PARTED || freed || (OWNERS == 1 && !UNKNOWN));
  assert(died[0] || died[1] || freed || OWNERS == 1 || UNKNOWN);
  assert((!died[0] && !died[1]) || freed || (SAVED(0) && SAVED(1)));
  assert(!died[1] || died[0] || freed || had[0] == 0 || keeps[0]);
  assert(!died[0] || died[1] || freed || had[1] == 0 || keeps[1])
}

/* At every step. That no side is ever stuck is seen by the search for safety. */
ltl one_holder { [] (OWNERS < 2 && !(touch[0] && touch[1])) }
