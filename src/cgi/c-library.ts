// The functions of the C library that Node has no words for, called through koffi.

import type koffiModule from "koffi";

type Koffi = typeof koffiModule;

/** What these functions take is checked by nobody: every caller of this file stands in posix-spawn.ts. */
export interface CLibrary {
  errno(): number;
  pipe2(ends: number[], flags: number): number;
  waitpid(pid: number, status: number[], options: number): number;
  setNonBlocking(descriptor: number): void;
  /** Bytes that a pipe holds until its writer has to wait. It stays as it is where the system refuses. */
  setPipeSize(descriptor: number, size: number): void;
  /** @returns the number of bytes; 0 at the end; negative for an error */
  read(descriptor: number, buffer: Buffer, size: number): number;
  /** Which of them have something to read, or are at their end. Does not wait. */
  readable(descriptors: readonly number[]): readonly boolean[];
  /**
   * The number of a child that has ended and that nobody has waited for; 0 if there is none, negative without
   * any child. It stays as it is.
   */
  endedChild(): number;
  /** Whether this child has ended and nobody has waited for it. It stays as it is. */
  hasEnded(pid: number): boolean;
  sigfillset(set: Buffer): number;
  attributesInit(attributes: Buffer): number;
  attributesSetFlags(attributes: Buffer, flags: number): number;
  attributesSetSigDefault(attributes: Buffer, set: Buffer): number;
  attributesSetSigMask(attributes: Buffer, set: Buffer): number;
  actionsInit(actions: Buffer): number;
  actionsAddOpen(actions: Buffer, as: number, path: string, flags: number, mode: number): number;
  actionsAddDup2(actions: Buffer, from: number, to: number): number;
  actionsAddChdir(actions: Buffer, path: string): number;
  actionsDestroy(actions: Buffer): number;
  /** On a thread of Node's pool. `pid` gets the number, `done` what it returns: 0, or an error number. */
  spawn(
    pid: number[],
    command: string,
    actions: Buffer,
    attributes: Buffer,
    argv: readonly (string | null)[],
    envp: readonly (string | null)[],
    done: (error: Error | null, errno: number) => void,
  ): void;
}

/** Of `siginfo_t`, in bytes. */
const SIGINFO_SIZE = 128;

// <fcntl.h>, <poll.h>: the same on all processors that koffi is built for
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const F_SETPIPE_SZ = 1031;
const POLLIN = 1;

// <bits/waitflags.h>: the same on all processors that koffi is built for
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;

/** @throws if the C library lacks one of them: addchdir_np is in glibc since 2.29, in musl since 1.1.24 */
export function bindCLibrary(koffi: Koffi): CLibrary {
  // What the process itself has loaded, whichever C library that is.
  const library = koffi.load(null);
  const bind = (name: string, parameters: string): ((...values: unknown[]) => number) =>
    library.func(`int ${name}(${parameters})`) as (...values: unknown[]) => number;
  const spawn = library.func(
    "int posix_spawnp(_Out_ int *pid, const char *file, void *actions, void *attributes, const char **argv, const char **envp)",
  );
  const waitid = bind("waitid", "int which, unsigned int id, void *about, int options");
  const fcntl = bind("fcntl", "int descriptor, int command, int value");
  const poll = bind("poll", "void *polled, unsigned long count, int timeout");
  const read = bind("read", "int descriptor, void *buffer, size_t size");
  const noted = WNOHANG | WEXITED | WNOWAIT;
  const about = new Int32Array(SIGINFO_SIZE / 4);
  // Behind three numbers, in a union that has pointers as well.
  const pidAt = koffi.sizeof("void *") === 8 ? 4 : 3;
  return {
    errno: () => koffi.errno(),
    setNonBlocking: (descriptor) => void fcntl(descriptor, F_SETFL, O_NONBLOCK),
    setPipeSize: (descriptor, size) => void fcntl(descriptor, F_SETPIPE_SZ, size),
    read: (descriptor, buffer, size) => read(descriptor, buffer, size),
    readable(descriptors) {
      // struct pollfd: a descriptor, what is asked about it, and what is so.
      const polled = Buffer.alloc(8 * descriptors.length);
      const words = new Int32Array(polled.buffer, polled.byteOffset, 2 * descriptors.length);
      const halves = new Int16Array(polled.buffer, polled.byteOffset, 4 * descriptors.length);
      for (const [i, descriptor] of descriptors.entries()) {
        words[2 * i] = descriptor;
        halves[4 * i + 2] = POLLIN;
      }
      if (poll(polled, descriptors.length, 0) <= 0) return [];
      return descriptors.map((_, i) => halves[4 * i + 3] !== 0);
    },
    pipe2: bind("pipe2", "_Out_ int *ends, int flags"),
    waitpid: bind("waitpid", "int pid, _Out_ int *status, int options"),
    endedChild() {
      about[pidAt] = 0;
      const result = waitid(P_ALL, 0, about, noted);
      return result === 0 ? about[pidAt] : -1;
    },
    hasEnded(pid) {
      about[pidAt] = 0;
      return waitid(P_PID, pid, about, noted) === 0 && about[pidAt] === pid;
    },
    sigfillset: bind("sigfillset", "void *set"),
    attributesInit: bind("posix_spawnattr_init", "void *attributes"),
    attributesSetFlags: bind("posix_spawnattr_setflags", "void *attributes, short flags"),
    attributesSetSigDefault: bind("posix_spawnattr_setsigdefault", "void *attributes, void *set"),
    attributesSetSigMask: bind("posix_spawnattr_setsigmask", "void *attributes, void *set"),
    actionsInit: bind("posix_spawn_file_actions_init", "void *actions"),
    actionsAddOpen: bind(
      "posix_spawn_file_actions_addopen",
      "void *actions, int as, const char *path, int flags, uint32_t mode",
    ),
    actionsAddDup2: bind("posix_spawn_file_actions_adddup2", "void *actions, int from, int to"),
    actionsAddChdir: bind("posix_spawn_file_actions_addchdir_np", "void *actions, const char *path"),
    actionsDestroy: bind("posix_spawn_file_actions_destroy", "void *actions"),
    spawn: (...values) => spawn.async(...values),
  };
}
