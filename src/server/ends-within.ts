// Whether something comes to its end in time.

import { setTimeout as delay } from "node:timers/promises";

/** Milliseconds. A timer that is given more fires after 1. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The timer is taken back: it would keep a process alive that has nothing else to do. */
export async function endsWithin(ended: Promise<boolean>, milliseconds: number): Promise<boolean> {
  const late = new AbortController();
  const timeout = delay(Math.min(milliseconds, LONGEST_TIMER), false, { signal: late.signal }).catch(
    () => false,
  );
  const isEnded = await Promise.race([ended, timeout]);
  late.abort();
  return isEnded;
}
