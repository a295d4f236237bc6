// The road that is always there: Node's own. It forks the whole server for each
// start, on the thread that serves.

import { type ChildProcess, spawn } from "node:child_process";

import { reserveFifos } from "./nameless-fifo.ts";
import { closePipes, giveTo, makePipes, openOurEnds, type Pipes } from "./pipe-streams.ts";
import { StreamOutput } from "./script-output.ts";
import type { ProcessStart, StartedProcess, StartProcess } from "./started-process.ts";
import { wrapCommand } from "./wrap-command.ts";

/**
 * @throws the system's error, whichever of its two ways Node chose: E2BIG and ENOMEM are
 * thrown, others come as an event
 */
export const startByChildProcess: StartProcess = async (start) => {
  const { user, stdin } = start;
  if (typeof stdin === "number") giveTo(user, stdin);
  const pipes = await makeFifos(start);
  const { command, args, refusal } = wrapCommand(start, undefined);
  let child: ChildProcess;
  try {
    child = spawn(command, args, {
      cwd: start.directory,
      env: Object.fromEntries(start.environment),
      stdio: [
        stdin === "empty" ? "ignore" : stdin,
        pipes?.stdout.write ?? "pipe",
        pipes?.stderr.write ?? "pipe",
      ],
      // A group of its own (here with a session: Node has no other way): what the script
      // starts can be ended with it.
      detached: process.platform !== "win32",
      windowsHide: true,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    });
    // Some errors later in its life (a failed kill) come by this event, and would end
    // the server without a listener.
    child.on("error", () => {});
    if (child.pid === undefined) {
      const failure = await new Promise<Error>((resolve) => child.once("error", resolve));
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      throw failure;
    }
  } catch (error) {
    if (pipes !== undefined) closePipes(pipes);
    throw error;
  }
  const ours = pipes === undefined ? undefined : openOurEnds(pipes);
  const started: StartedProcess = {
    pid: child.pid,
    stdin: child.stdin ?? undefined,
    stdout: ours?.stdout ?? new StreamOutput(child.stdout!),
    stderr: ours?.stderr ?? new StreamOutput(child.stderr!),
    refusal,
    onEnded: () => {},
  };
  child.once("exit", (code, signal) => started.onEnded({ code, signal }));
  return started;
};

/**
 * Node's own pipes are sockets, and a socket cannot be opened as /dev/stdout. A FIFO can; but as stdin it
 * would make who opens it after the last byte wait for ever, so that stdin is one of Node's, or a file.
 */
async function makeFifos({ user }: ProcessStart): Promise<Pipes | undefined> {
  const reserve = await reserveFifos(2);
  if (reserve === undefined) return undefined;
  try {
    return makePipes(() => reserve.next(), "other", user);
  } finally {
    reserve.close();
  }
}
