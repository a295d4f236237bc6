// A pipe's ends as this process uses them: something to read from or to write to for ours, plain
// descriptors for the script's.

import { closeSync, fchownSync } from "node:fs";
import { Socket } from "node:net";

import { systemErrorCode } from "../errors.ts";
import { GrownPipe } from "./grown-pipe.ts";
import type { ScriptOutput } from "./script-output.ts";
import type { UserAndGroup } from "./started-process.ts";

/** Two descriptors, neither of which is inherited unless asked for. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** The pipes of a process. */
export interface Pipes {
  readonly stdin: Pipe | undefined;
  readonly stdout: Pipe;
  readonly stderr: Pipe;
}

/**
 * Makes all pipes of a process, or none.
 * @throws what `makePipe` throws
 */
export function makePipes(
  makePipe: () => Pipe,
  stdin: "pipe" | "other",
  user: UserAndGroup | undefined,
): Pipes {
  const made: Pipe[] = [];
  const next = (): Pipe => {
    const pipe = makePipe();
    made.push(pipe);
    giveTo(user, pipe.read);
    return pipe;
  };
  try {
    return { stdin: stdin === "pipe" ? next() : undefined, stdout: next(), stderr: next() };
  } catch (error) {
    for (const pipe of made) closePipe(pipe);
    throw error;
  }
}

/** Who opens /dev/stdout opens what is behind it anew, and that belongs to who made it. */
export function giveTo(user: UserAndGroup | undefined, descriptor: number): void {
  if (user === undefined) return;
  try {
    fchownSync(descriptor, user.uid, user.gid);
  } catch (error) {
    // Node's permission model has no fchown at all; scripts run there, but as another
    // user cannot open /dev/stdout.
    if (systemErrorCode(error) !== "ERR_ACCESS_DENIED") throw error;
  }
}

export interface OurEnds {
  readonly stdin: Socket | undefined;
  readonly stdout: ScriptOutput;
  readonly stderr: ScriptOutput;
}

/**
 * What is ours. The script's ends are closed: it has its own copies, and ours would hide its end of file.
 * @param openOutput takes a descriptor to read from
 */
export function openOurEnds(
  { stdin, stdout, stderr }: Pipes,
  openOutput: (descriptor: number) => ScriptOutput = (descriptor) => new GrownPipe(descriptor),
): OurEnds {
  if (stdin !== undefined) closeSync(stdin.read);
  closeSync(stdout.write);
  closeSync(stderr.write);
  return {
    stdin: stdin === undefined ? undefined : new Socket({ fd: stdin.write, readable: false, writable: true }),
    stdout: openOutput(stdout.read),
    stderr: openOutput(stderr.read),
  };
}

export function closePipes({ stdin, stdout, stderr }: Pipes): void {
  for (const pipe of [stdin, stdout, stderr]) if (pipe !== undefined) closePipe(pipe);
}

function closePipe({ read, write }: Pipe): void {
  closeSync(read);
  closeSync(write);
}
