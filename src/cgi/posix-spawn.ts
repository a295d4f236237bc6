// The fast road: posix_spawn(3), called through koffi on a thread of its own. The new process shares the
// server's memory until it runs the script, so that starting costs the same however much the server holds,
// and the server never waits for it.
//
// Linux only: elsewhere Node itself starts processes in this way, or there is no such call.

import { execFile } from "node:child_process";
import { constants, devNull } from "node:os";
import { getSystemErrorName, promisify } from "node:util";
import { isMainThread } from "node:worker_threads";

import { systemErrorCode } from "../errors.ts";
import { removeItem } from "../remove-item.ts";
import { firstObstacle, wayTo } from "./access-way.ts";
import { bindCLibrary, type CLibrary } from "./c-library.ts";
import { startByChildProcess } from "./child-process.ts";
import { Orphans } from "./orphans.ts";
import { closePipes, giveTo, makePipes, openOurEnds, type Pipe, type Pipes } from "./pipe-streams.ts";
import { hasNoRoom } from "./no-room.ts";
import type {
  ProcessEnd,
  ProcessStart,
  StartedProcess,
  StartProcess,
  UserAndGroup,
} from "./started-process.ts";
import { setprivArguments, wrapCommand, type WrappedCommand } from "./wrap-command.ts";
import { YoungPipes } from "./young-pipe.ts";

/** Calls at once. They hold threads of Node's pool, which has four, and reading files needs some as well. */
const CALLS_AT_ONCE = 2;

/** How often children are looked at when no signal tells. It also keeps the process up while a child runs. */
const LOOK_EVERY = 1_000;

/** The C types are opaque; all known systems take less (glibc 336, musl 336). */
const ATTRIBUTES_SIZE = 512;
const ACTIONS_SIZE = 256;
const SIGNAL_SET_SIZE = 128;

// <spawn.h> of glibc and musl
const POSIX_SPAWN_SETPGROUP = 0x02;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
// <bits/waitflags.h>, <bits/fcntl-linux.h>: the same on all processors that koffi is built for
const WNOHANG = 1;
const O_RDONLY = 0;
const O_CLOEXEC = 0o2000000;

/** `undefined` where the road does not exist: no Linux, no koffi, a worker thread (which gets no signals). */
export async function loadPosixSpawn(): Promise<StartProcess | undefined> {
  if (process.platform !== "linux" || !isMainThread) return undefined;
  try {
    const road = new PosixSpawn(bindCLibrary((await import("koffi")).default));
    return (start) => road.start(start);
  } catch {
    // An optional dependency: not installed, not for this processor, or a C library without these functions.
    return undefined;
  }
}

class PosixSpawn {
  readonly #c: CLibrary;
  readonly #attributes = Buffer.alloc(ATTRIBUTES_SIZE);
  readonly #young: YoungPipes;
  readonly #children: StartedProcess[] = [];
  readonly #waiting: (() => void)[] = [];
  #calls = 0;
  /** Counts SIGCHLD: one that came during a call may have been for a child that is not known yet. */
  #signals = 0;
  #look: NodeJS.Timeout | undefined;
  readonly #setpriv = new Map<string, Promise<string | undefined>>();
  /** Only process 1 gets any. */
  readonly #orphans: Orphans | undefined;

  constructor(c: CLibrary) {
    this.#c = c;
    this.#young = new YoungPipes(c);
    const all = Buffer.alloc(SIGNAL_SET_SIZE);
    c.sigfillset(all);
    c.attributesInit(this.#attributes);
    // Node ignores SIGPIPE, and a script that pipes into `head` relies on it.
    c.attributesSetSigDefault(this.#attributes, all);
    c.attributesSetSigMask(this.#attributes, Buffer.alloc(SIGNAL_SET_SIZE));
    // A group of its own (the attribute's 0), but no session: Linux gives each session a share of the
    // processor as large as all of this server's (sched_autogroup), and a server that starts a thousand of
    // them a second comes to wait for seconds.
    const flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
    c.attributesSetFlags(this.#attributes, flags);
    this.#orphans = process.pid === 1 ? this.#adoptOrphans() : undefined;
    process.on("SIGCHLD", () => {
      this.#signals++;
      this.#reap();
      this.#orphans?.noteEnd();
    });
  }

  async start(start: ProcessStart): Promise<StartedProcess> {
    const { user } = start;
    const setpriv = user === undefined ? undefined : await this.#findSetpriv(user);
    if (user !== undefined && (setpriv === undefined || !mayStart(user, start.command)))
      return startByChildProcess(start);
    if (this.#calls >= CALLS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#calls++;
    try {
      return await this.#spawn(start, wrapCommand(start, setpriv));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#calls--;
      else next();
    }
  }

  async #spawn(start: ProcessStart, wrapped: WrappedCommand): Promise<StartedProcess> {
    const argv = [wrapped.command, ...wrapped.args];
    const envp: string[] = [];
    for (const [name, value] of start.environment) envp.push(`${name}=${value}`);
    for (const text of [...argv, ...envp]) {
      if (text.includes("\0")) throw new TypeError("no argument and no variable of a process can hold a NUL");
    }
    const { stdin, user } = start;
    if (typeof stdin === "number") giveTo(user, stdin);
    const pipes = makePipes(() => this.#makePipe(), stdin === "pipe" ? stdin : "other", user);
    let pid: number;
    const signals = this.#signals;
    try {
      pid = await this.#call(start, pipes, argv, envp);
    } catch (error) {
      closePipes(pipes);
      throw error;
    }
    const started: StartedProcess = {
      pid,
      ...openOurEnds(pipes, (descriptor) => this.#young.add(descriptor)),
      refusal: wrapped.refusal,
      onEnded: () => {},
    };
    this.#watch(started);
    if (signals !== this.#signals) setImmediate(() => this.#reap());
    return started;
  }

  /** @returns the number of the new process */
  #call(
    start: ProcessStart,
    pipes: Pipes,
    argv: readonly string[],
    envp: readonly string[],
  ): Promise<number> {
    const c = this.#c;
    const actions = Buffer.alloc(ACTIONS_SIZE);
    c.actionsInit(actions);
    // The copies under these three numbers are the only descriptors that are not
    // closed when the script begins.
    const stdin = typeof start.stdin === "number" ? start.stdin : pipes.stdin?.read;
    if (stdin === undefined) c.actionsAddOpen(actions, 0, devNull, O_RDONLY, 0);
    else c.actionsAddDup2(actions, stdin, 0);
    c.actionsAddDup2(actions, pipes.stdout.write, 1);
    c.actionsAddDup2(actions, pipes.stderr.write, 2);
    c.actionsAddChdir(actions, start.directory);
    const pid = [0];
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, errno: number): void => {
        c.actionsDestroy(actions);
        if (error !== null) reject(error);
        else if (errno !== 0) reject(systemError(errno, `posix_spawn ${argv[0]}`));
        else resolve(pid[0]!);
      };
      c.spawn(pid, argv[0]!, actions, this.#attributes, [...argv, null], [...envp, null], done);
    });
  }

  #makePipe(): Pipe {
    const ends = [0, 0];
    if (this.#c.pipe2(ends, O_CLOEXEC) !== 0) throw systemError(this.#c.errno(), "pipe2");
    return { read: ends[0]!, write: ends[1]! };
  }

  #watch(started: StartedProcess): void {
    if (this.#children.length === 0) this.#look = setInterval(() => this.#reap(), LOOK_EVERY);
    this.#children.push(started);
  }

  #adoptOrphans(): Orphans {
    const isOurs = (pid: number): boolean => this.#children.some((child) => child.pid === pid);
    return new Orphans({
      hasEnded: (pid) => !isOurs(pid) && this.#c.hasEnded(pid),
      takeAway: (pid) => void this.#c.waitpid(pid, [0], WNOHANG),
    });
  }

  /** Each child by its own number: those that Node has started are Node's. */
  #reap(): void {
    while (this.#children.length > 0) {
      const pid = this.#c.endedChild();
      if (pid === 0) return;
      const started = this.#children.find((child) => child.pid === pid);
      if (started === undefined) {
        // Not ours, so it hides those of ours that have ended behind it, until Node has taken it away.
        const all = this.#children.slice();
        for (const each of all) this.#reapOne(each);
        return;
      }
      if (!this.#reapOne(started)) return;
    }
  }

  /** @returns whether it has ended */
  #reapOne(started: StartedProcess): boolean {
    const { pid } = started;
    const status = [0];
    const result = this.#c.waitpid(pid, status, WNOHANG);
    if (result === 0) return false;
    removeItem(this.#children, started);
    if (this.#children.length === 0) clearInterval(this.#look);
    // A negative result: somebody else has taken the news (SIGCHLD is ignored),
    // and nobody will ever know more.
    started.onEnded(result === pid ? endOf(status[0]!) : { code: null, signal: null });
    started.stdin?.destroy();
    return true;
  }

  /** util-linux has a setpriv(1) that can, busybox one that cannot: it is tried. */
  #findSetpriv(user: UserAndGroup): Promise<string | undefined> {
    const key = `${user.uid}:${user.gid}`;
    let found = this.#setpriv.get(key);
    if (found === undefined) {
      found = findSetpriv(user);
      this.#setpriv.set(key, found);
      // That there was no room to try says nothing about the next time.
      found.catch(() => this.#setpriv.delete(key));
    }
    return found;
  }
}

/** @throws the system's error where it has no room for another process */
async function findSetpriv(user: UserAndGroup): Promise<string | undefined> {
  for (const path of ["/usr/bin/setpriv", "/bin/setpriv"]) {
    try {
      await promisify(execFile)(path, [...setprivArguments(user), "/bin/true"], { cwd: "/" });
      return path;
    } catch (error) {
      // Not there, or it does not know the options, or the system does not let it.
      if (hasNoRoom(systemErrorCode(error))) throw error;
    }
  }
  return undefined;
}

/** As waitpid(2) packs it. */
function endOf(status: number): ProcessEnd {
  const signal = status & 0x7f;
  if (signal === 0) return { code: (status >> 8) & 0xff, signal: null };
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  return { code: null, signal: names.find(([, number]) => number === signal)?.[0] ?? "SIGKILL" };
}

function systemError(errno: number, what: string): Error {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${what}: ${code}`), { code, errno: -errno });
}

/**
 * setpriv(1) is still root to the system at the moment when it starts the program, with root's capabilities:
 * it would start what the new user may not. Where the modes forbid it, `child_process` asks the system as
 * that user.
 */
function mayStart({ uid, gid }: UserAndGroup, command: string): boolean {
  return firstObstacle(wayTo(command), { name: "", uid, gids: [gid] }, ["execute"]) === undefined;
}
