// What process 1 of a container does for processes that have lost their parent: the system gives it all of
// them, such as what a script left in the background, and nobody else can take away what is left of them when
// they have ended.

import { readFileSync } from "node:fs";

/** What is asked of the C library. */
export interface Waiting {
  /** Whether this child has ended and nobody has waited for it. It stays as it is. */
  hasEnded(pid: number): boolean;
  /** Takes away what is left of it. */
  takeAway(pid: number): void;
}

/** Milliseconds from a child's end to the first look at it, and between two looks. */
const LOOK_EVERY = 1_000;

/**
 * Node takes its own children away in the turn of the event loop after their end. One that is still there a
 * look later is an orphan, and nobody will ask how it has ended.
 */
export class Orphans {
  readonly #system: Waiting;
  readonly #list: () => readonly number[];
  #endedBefore: ReadonlySet<number> = new Set();
  #isLookPlanned = false;

  /**
   * @param list the children of this process; not those started on other threads than the main one, which
   * have somebody
   */
  constructor(system: Waiting, list = childrenOfMainThread) {
    this.#system = system;
    this.#list = list;
  }

  /** Some child has ended. */
  noteEnd(): void {
    if (this.#isLookPlanned) return;
    this.#isLookPlanned = true;
    // Process 1 does not stay for them: they go with it.
    setTimeout(() => {
      this.#isLookPlanned = false;
      this.look();
    }, LOOK_EVERY).unref();
  }

  look(): void {
    const ended = new Set<number>();
    for (const pid of this.#list()) {
      if (!this.#system.hasEnded(pid)) continue;
      if (this.#endedBefore.has(pid)) this.#system.takeAway(pid);
      else ended.add(pid);
    }
    this.#endedBefore = ended;
    if (ended.size > 0) this.noteEnd();
  }
}

/** Orphans come to the main thread. Where /proc does not tell, they stay. */
function childrenOfMainThread(): number[] {
  try {
    // By "self", not by number: where /proc belongs to other processes than ours, this names nothing.
    const text = readFileSync(`/proc/self/task/${process.pid}/children`, "latin1");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
