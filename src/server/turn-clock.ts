// The time, read once for all that is answered at the end of one turn of the event loop: for each of them a
// clock would cost some percent of the answer, and who asks here needs a time that is good to the second.

/** The end of a turn is going on. */
let isTurn = false;
/** As they were read in this turn; 0: nobody has asked. */
let time = 0;
let moment = 0;

/** Milliseconds since the epoch. */
export function turnTime(): number {
  if (!isTurn) return Date.now();
  if (time === 0) time = Date.now();
  return time;
}

/** Milliseconds of `performance.now()`, which goes on evenly when somebody sets the time of day. */
export function turnMoment(): number {
  if (!isTurn) return performance.now();
  if (moment === 0) moment = performance.now();
  return moment;
}

/** What `turnTime()` and `turnMoment()` give stays as it is while `work` runs. */
export function asOneTurn(work: () => void): void {
  isTurn = true;
  try {
    work();
  } finally {
    // An error that a program has seen to must not stop the clock of all that comes later.
    isTurn = false;
    time = 0;
    moment = 0;
  }
}
