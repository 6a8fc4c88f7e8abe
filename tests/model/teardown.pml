/* Teardown of a tree: two sides of one channel, each with a top-level actor, a window that it
 * manages, and a tab that the window manages; constructors, deletions, Close and death, at any
 * moment and inside of any handler.
 *
 * What stands for what:
 *   link[d]     what one side sends to the other, in order; how it gets there is in close.pml
 *   gone[d]     the sender of direction d has closed its socket: what is under way still arrives
 *   ended[s]    ActorTree's list of actors that were taken out and whose ActorDestroy is to run
 *   posted      Channel::RunDestroys waits for its turn on the executor
 *   Act         what a program may do: in a turn of its own, in Recv__delete__, in a constructor's
 *               handler, in any other handler, in ActorDestroy; also nothing
 *   EndActor    Channel::EndActor; End is Channel::End
 * A handler is one atomic step: the sides share nothing but the links, so nobody sees where in it
 * the other one was; but it may die anywhere in there.
 *
 * The window is made by side 0, the tab by side 1: so a constructor can cross the deletion of its
 * manager.
 *
 * Checked: no side is ever stuck; each actor that has been alive on a side which does not die gets
 * ActorDestroy exactly once there, after all that it manages, the top-level one last; nobody is
 * spoken to that has never been; whenever nothing is under way, an actor is alive on both sides or
 * on none.
 *
 * Faults that have to be found:
 *   NO_LATE_CHECK         a deletion is believed although the actor has gone here (they crossed)
 *   NO_LOOK_AFTER_HANDLER what Recv__delete__ has deleted itself is deleted once more
 *   MANAGER_FIRST         an actor is taken out before what it manages
 *   NO_FAREWELL           who makes no actor does not say so
 *   FORGET_ENDED          the end of the channel forgets who had ended before it
 *   ORPHANS               an actor is taken out, and what it manages is not
 */
#define TOP 0
#define WINDOW 1
#define TAB 2
#define AT(who) (me * 3 + who)
#define OF(side, who) (side * 3 + who)

mtype = { CONSTRUCT, SAY, DELETE, GONE, GOODBYE };
mtype = { OPEN, CLOSING, SHUT };
mtype = { NEVER, ALIVE, ENDED, DONE };

chan link0 = [7] of { mtype, byte };
chan link1 = [7] of { mtype, byte };
chan ended0 = [4] of { byte };
chan ended1 = [4] of { byte };

mtype phase[2] = OPEN;
mtype life[6] = NEVER;
bool made[6];      /* has been alive */
bool destroyed[6]; /* ActorDestroy has run */
bool posted[2];
bool top_ends[2];
bool gone[2];
bool said;
bool may_close[2], may_die, died[2];
bool over[2];

inline TakeOut(who) {
  life[AT(who)] = ENDED;
  ended!who
}

inline EndActor(who) {
  posted[me] = true;
#ifdef MANAGER_FIRST
  TakeOut(who);
#endif
#ifndef ORPHANS
  if
  :: who == WINDOW && life[AT(TAB)] == ALIVE -> TakeOut(TAB)
  :: else
  fi;
#endif
#ifndef MANAGER_FIRST
  TakeOut(who);
#endif
}

inline End() {
  phase[me] = SHUT;
  gone[me] = true;
#ifdef FORGET_ENDED
  do
  :: nempty(ended) -> ended?_
  :: empty(ended) -> break
  od;
#endif
  if
  :: life[AT(WINDOW)] == ALIVE -> EndActor(WINDOW)
  :: else
  fi;
  top_ends[me] = true;
  posted[me] = true
}

inline Make(who) {
  life[AT(who)] = ALIVE;
  made[AT(who)] = true
}

inline Die() {
  died[me] = true;
  phase[me] = SHUT;
  gone[me] = true
}

#define MAY_MAKE(side, who, manager) \
  (me == side && life[AT(who)] == NEVER && life[AT(manager)] == ALIVE)

#define MAY_ACT \
  (phase[me] == OPEN && (may_close[me] || MAY_MAKE(0, WINDOW, TOP) || MAY_MAKE(1, TAB, WINDOW) || \
                         life[AT(WINDOW)] == ALIVE))

/* Only within a handler there is a choice to do nothing. */
inline Act(is_handler) {
  if
  :: phase[me] == OPEN && MAY_MAKE(0, WINDOW, TOP) -> Make(WINDOW); out!CONSTRUCT, WINDOW
  :: phase[me] == OPEN && MAY_MAKE(1, TAB, WINDOW) -> Make(TAB); out!CONSTRUCT, TAB
  :: phase[me] == OPEN && life[AT(WINDOW)] == ALIVE -> out!DELETE, WINDOW; EndActor(WINDOW)
  :: phase[me] == OPEN && life[AT(TAB)] == ALIVE -> out!DELETE, TAB; EndActor(TAB)
  :: phase[me] == OPEN && life[AT(TAB)] == ALIVE && me == 0 && !said -> said = true; out!SAY, TAB
  :: phase[me] == OPEN && may_close[me] -> phase[me] = CLOSING; out!GOODBYE, TOP
  :: is_handler
  fi;
  if
  :: may_die -> Die()
  :: true
  fi
}

/* A constructor of the peer's; it may be turned away, before or after the actor was bound. */
inline OnConstruct(manager) {
  if
  :: life[AT(manager)] != ALIVE ->
    life[AT(who)] = DONE  /* late: the peer learns of the manager's end */
  :: life[AT(manager)] == ALIVE ->
    if
    :: Make(who); is_refused = false
    :: Make(who); is_refused = true
    :: life[AT(who)] = DONE; Farewell()
    fi;
    if
    :: life[AT(who)] == ALIVE ->
      Act(true);
      if
      :: is_refused && phase[me] == OPEN && life[AT(who)] == ALIVE -> EndActor(who); Farewell()
      :: is_refused && phase[me] == CLOSING && life[AT(who)] == ALIVE -> EndActor(who)
      :: else  /* fine, or deleted in there, and the peer knows */
      fi
    :: else
    fi
  fi
}

inline Farewell() {
#ifndef NO_FAREWELL
  out!GONE, who
#else
  skip
#endif
}

inline OnDelete() {
  if
  :: life[AT(who)] == ALIVE ->
    Act(true);  /* Recv__delete__ */
    if
#ifdef NO_LOOK_AFTER_HANDLER
    :: phase[me] != SHUT -> EndActor(who)
#else
    :: phase[me] != SHUT && life[AT(who)] == ALIVE -> EndActor(who)
#endif
    :: else
    fi
#ifdef NO_LATE_CHECK
  :: life[AT(who)] != ALIVE -> EndActor(who)
#else
  :: life[AT(who)] != ALIVE  /* late */
#endif
  fi
}

inline Receive() {
  in?kind, who;
  assert(kind == CONSTRUCT || kind == GOODBYE || life[AT(who)] != NEVER); /* Rule::kUnknownActor */
  if
  :: kind == CONSTRUCT && who == WINDOW -> OnConstruct(TOP)
  :: kind == CONSTRUCT && who == TAB -> OnConstruct(WINDOW)
  :: kind == DELETE -> OnDelete()
  :: kind == SAY && life[AT(who)] == ALIVE -> Act(true)
  :: kind == SAY && life[AT(who)] != ALIVE  /* late */
  :: kind == GONE && life[AT(who)] == ALIVE -> EndActor(who)
  :: kind == GONE && life[AT(who)] != ALIVE
  :: kind == GOODBYE -> End()
  fi;
  kind = 0;
  who = 0;
  is_refused = false
}

#define IS_OVER(who) (life[AT(who)] == NEVER || life[AT(who)] == DONE)

/* One ActorDestroy; RunDestroys runs them one after the other. */
inline Destroy() {
  if
  :: nempty(ended) ->
    ended?who;
    assert(life[AT(who)] == ENDED);
    assert(who != WINDOW || IS_OVER(TAB)); /* managees first */
    assert(!destroyed[AT(who)]);
    destroyed[AT(who)] = true;
    life[AT(who)] = DONE;
    Act(true);
    who = 0
  :: empty(ended) ->
    posted[me] = false;
    if
    :: top_ends[me] ->
      top_ends[me] = false;
      assert(IS_OVER(WINDOW) && IS_OVER(TAB));
      assert(!destroyed[AT(TOP)]);
      destroyed[AT(TOP)] = true;
      life[AT(TOP)] = DONE
    :: else
    fi
  fi
}

proctype Side(byte me; chan out; chan in; chan ended) {
  mtype kind;
  byte who;
  bool is_refused;

  do
  :: atomic { phase[me] == SHUT && (died[me] || !posted[me]) -> break }
  :: atomic { phase[me] != SHUT && may_die -> Die() }
  :: atomic { posted[me] && !died[me] -> Destroy() }
  :: atomic { MAY_ACT -> Act(false) }
  :: atomic { phase[me] == CLOSING -> End() }
  :: atomic { phase[me] == OPEN && nempty(in) -> Receive() }
  :: atomic { phase[me] == OPEN && gone[1 - me] && empty(in) -> End() }
  od;
  over[me] = true
}

#define QUIET(side) (phase[side] == OPEN && !posted[side])
#define AGREE(who) ((life[OF(0, who)] == ALIVE) == (life[OF(1, who)] == ALIVE))
#define ONCE(side, who) \
  (life[OF(side, who)] != ALIVE && life[OF(side, who)] != ENDED && \
   destroyed[OF(side, who)] == made[OF(side, who)])

init {
  byte side;
  d_step {
    life[OF(0, TOP)] = ALIVE; made[OF(0, TOP)] = true;
    life[OF(1, TOP)] = ALIVE; made[OF(1, TOP)] = true;
    may_close[0] = true  /* else nothing need ever end */
  };
  if
  :: may_close[1] = true
  :: skip
  fi;
  if
  :: may_die = true
  :: skip
  fi;
  atomic {
    run Side(0, link0, link1, ended0);
    run Side(1, link1, link0, ended1)
  };
  if
  :: d_step { QUIET(0) && QUIET(1) && empty(link0) && empty(link1) ->
       assert(AGREE(WINDOW) && AGREE(TAB)) }
  :: over[0] && over[1]
  fi;
  over[0] && over[1];
  for (side : 0 .. 1) {
    assert(died[side] || (ONCE(side, TOP) && ONCE(side, WINDOW) && ONCE(side, TAB)))
  }
}

ltl both_end { <> (over[0] && over[1]) }
