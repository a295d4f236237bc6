// The program: from the words of the command line to an exit code.
import { ListenerLostError, systemErrorCode } from "../errors.ts";
import { LogFile } from "../log/log-file.ts";
import { parseCommandLine } from "./options.ts";
import type { ServeOptions } from "./serve-options.ts";
import { serve } from "./serve.ts";
import { catchStopSignals } from "./signals.ts";
import { explainStartError } from "./start-errors.ts";

/** How long something forgotten, such as a timer, may keep the process after the server has ended. */
const LAST_WAIT_MS = 500;

/** Runs `htbin` with these words; sets the exit code, and resolves when there is nothing more to do. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on("error", ignoreLostOutput);
  process.stderr.on("error", ignoreLostOutput);
  process.exitCode = await run(argv);
}

async function run(argv: readonly string[]): Promise<number> {
  // Loaded for those who ask only: all others want to serve, and soon.
  if (argv[0] === "explain") return (await import("./explain.ts")).explain(argv.slice(1));
  const commandLine = parseCommandLine(argv, process.env);
  switch (commandLine.kind) {
    case "help":
    case "version":
      process.stdout.write(commandLine.text);
      return 0;
    case "usage":
      process.stderr.write(`htbin: ${commandLine.message}\n`);
      return 2;
    case "serve":
      return serveUntilStopped(commandLine.options);
    default:
      return commandLine satisfies never;
  }
}

async function serveUntilStopped(options: ServeOptions): Promise<number> {
  const signals = catchStopSignals();
  let server;
  try {
    server = await serve(options);
  } catch (error) {
    process.stderr.write(`htbin: ${explainStartError(error, options)}.\n`);
    return 1;
  }
  const { log } = server;
  if (log instanceof LogFile) signals.onHangUp(() => log.reopen());
  let exitCode = 0;
  try {
    // A server without signals ends when something in its process shuts it down.
    await Promise.race([signals.first, server.serveForever()]);
  } catch (error) {
    // The log has said it when it happened.
    if (!(error instanceof ListenerLostError)) throw error;
    exitCode = 1;
  }
  await server.shutdown();
  signals.ignore();
  // Runs only if something else keeps the process alive.
  setTimeout(() => process.exit(), LAST_WAIT_MS).unref();
  return exitCode;
}

/** `htbin | head -1`, a closed terminal, a full disk: what nobody reads is lost; the server goes on. */
function ignoreLostOutput(error: Error): void {
  if (systemErrorCode(error) === undefined) throw error;
}
