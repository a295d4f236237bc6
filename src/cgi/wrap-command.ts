// Which program is really started, where something has to happen between the fork and the
// script: limits, another user.

import type { ProcessStart, ScriptResources, UserAndGroup } from "./started-process.ts";

export interface WrappedCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What setpriv(1) or sh(1) says when it cannot start the command; `undefined` where there is neither. */
  readonly refusal: RegExp | undefined;
}

/**
 * Limits are set by sh(1), which is everywhere and costs half a millisecond: posix_spawn(3) and Node can set
 * none, and prlimit(2) on a running process comes too late for one that forks at once.
 * @param setpriv the program that changes the user, where nothing else does
 */
export function wrapCommand(start: ProcessStart, setpriv: string | undefined): WrappedCommand {
  let command = start.command;
  let args = start.args;
  const limits = ulimits(start.resources);
  if (limits.length > 0) {
    args = ["-c", [...limits, 'exec "$0" "$@"'].join(" && "), command, ...args];
    command = "/bin/sh";
  }
  if (setpriv !== undefined && start.user !== undefined) {
    args = [...setprivArguments(start.user), command, ...args];
    command = setpriv;
  }
  return { command, args, refusal: command === start.command ? undefined : refusalOf(start.command) };
}

/**
 * `setpriv: failed to execute FILE: …`, in any language; sh(1) has FILE as its own
 * name: `FILE: 1: exec: FILE: …`.
 */
function refusalOf(command: string): RegExp {
  const file = command.replaceAll(/[^\w]/g, "\\$&");
  return new RegExp(`^setpriv: .*${file}|^${file}: (?:line )?[01]: (?:exec: )?${file}: `, "s");
}

/**
 * - `--clear-groups`: root's own groups may open what nobody may not.
 * - `--inh-caps=-all`: what a container manager has left inheritable would come back with a
 *   program that has file capabilities.
 * - `--pdeathsig`: a server that is killed by SIGKILL can end nothing any more; then
 *   the system tells its scripts.
 *
 * Not `--no-new-privs`, nor an empty bounding set: what a script may start could not change its user any
 * more, and form mailers need sendmail(8), Mailman its set-gid programs, and some sudo(8).
 * `setpriv --no-new-privs htbin …` has it for all that htbin starts.
 */
export function setprivArguments({ uid, gid }: UserAndGroup): string[] {
  return [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--inh-caps=-all", "--pdeathsig=TERM", "--"];
}

function ulimits({ cpu, memory, fileSize, processes }: ScriptResources): string[] {
  const commands: string[] = [];
  // SIGXCPU says what has happened; at the hard limit, and where both are the same, it is SIGKILL, which may
  // mean anything.
  if (cpu !== undefined)
    commands.push(`ulimit -S -t ${Math.ceil(cpu)}`, `ulimit -H -t ${Math.ceil(cpu) + 1}`);
  if (memory !== undefined) commands.push(`ulimit -v ${Math.ceil(memory / 1024)}`);
  // "in units of 512-byte blocks" (POSIX, ulimit)
  if (fileSize !== undefined) commands.push(`ulimit -f ${Math.ceil(fileSize / 512)}`);
  // bash calls it -u, dash and busybox -p.
  if (processes !== undefined)
    commands.push(`{ ulimit -u ${processes} 2>/dev/null || ulimit -p ${processes}; }`);
  return commands;
}
