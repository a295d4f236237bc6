// The road that is always there: Node's own. It forks the whole server for each start, on the thread that serves.

import { type ChildProcess, spawn } from "node:child_process";

import { nextNamelessFifo, stockNamelessFifos } from "./nameless-fifo.ts";
import { closePipes, makePipes, openOurEnds, type Pipes } from "./pipe-streams.ts";
import type { StartedProcess, StartProcess } from "./started-process.ts";
import { wrapCommand } from "./wrap-command.ts";

/** @throws the system's error, whichever of its two ways Node chose: E2BIG and ENOMEM are thrown, others come as an event */
export const startByChildProcess: StartProcess = async (start) => {
  const { hasBody, user } = start;
  // Node's own pipes are sockets, and a socket cannot be opened as /dev/stdout.
  const hasFifos = await stockNamelessFifos();
  const pipes = hasFifos ? makePipes(nextNamelessFifo, hasBody, user) : undefined;
  const { command, args, isWrapped } = wrapCommand(start, undefined);
  let child: ChildProcess;
  try {
    child = spawn(command, args, {
      cwd: start.directory,
      env: start.environment,
      stdio: pipes === undefined ? [hasBody ? "pipe" : "ignore", "pipe", "pipe"] : theirEnds(pipes),
      // A session of its own: what the script starts can be ended with it.
      detached: process.platform !== "win32",
      windowsHide: true,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    });
    // Some errors later in its life (a failed kill) come by this event, and would end the server without a listener.
    child.on("error", () => {});
    if (child.pid === undefined) throw await new Promise((resolve) => child.once("error", resolve));
  } catch (error) {
    if (pipes !== undefined) closePipes(pipes);
    throw error;
  }
  const started: StartedProcess = {
    pid: child.pid,
    ...(pipes === undefined ? streamsOf(child) : openOurEnds(pipes)),
    isWrapped,
    onEnded: () => {},
  };
  child.once("exit", (code, signal) => started.onEnded({ code, signal }));
  return started;
};

function theirEnds({ stdin, stdout, stderr }: Pipes): ["ignore" | number, number, number] {
  return [stdin?.read ?? "ignore", stdout.write, stderr.write];
}

function streamsOf(child: ChildProcess): Pick<StartedProcess, "stdin" | "stdout" | "stderr"> {
  return { stdin: child.stdin ?? undefined, stdout: child.stdout!, stderr: child.stderr! };
}
