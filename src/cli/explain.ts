// `htbin explain`: what the server with these options would do with a request, and with `--run` what it did.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { CGIHTTPRequestHandler } from "../cgi/cgi-http-request-handler.ts";
import { connectTo } from "../cgi/connect-to-application.ts";
import { diagnoseGateway } from "../cgi/diagnose.ts";
import { diagnoseStart } from "../cgi/diagnose-start.ts";
import { readStart, shebangLine } from "../cgi/interpreter.ts";
import type { ScriptAnswer } from "../cgi/run-script.ts";
import type { ScriptJob } from "../cgi/script-job.ts";
import { startFacts } from "../cgi/start-facts.ts";
import type { Verdict } from "../cgi/verdict.ts";
import { ConnectionLostError, systemErrorCode } from "../errors.ts";
import { LogRecord, visibleMessage } from "../log/log-record.ts";
import { makeVisible } from "../text/visible.ts";
import { ThreadingHTTPServer } from "../server/threading-http-server.ts";
import { type Exchanged, exchangeInMemory } from "./exchange-in-memory.ts";
import { type Explained, explanation, type Seen } from "./explain-text.ts";
import { parseExplainWords, type Question } from "./explain-words.ts";
import type { HandlerClass } from "./configure-handler.ts";
import { describeMissing } from "../files/missing-name.ts";
import { parseCommandLine } from "./options.ts";
import { runsScripts } from "./runs-scripts.ts";
import { DEFAULT_PORT, type ServeOptions } from "./serve-options.ts";
import { prepareHandler, type PreparedHandler } from "./serve.ts";
import { shownPath } from "./shown-path.ts";
import { explainStartError } from "./start-errors.ts";

/** Bytes of a file that is not to be sent, only to be spoken of. */
const ENOUGH = 64 * 1024;

/** @returns the exit code: 0 if the request would work, 1 if not, 2 for wrong usage */
export async function explain(words: readonly string[]): Promise<number> {
  const question = parseExplainWords(words);
  if (question.kind === "usage") return complain(question.message, 2);
  if (question.kind === "help") {
    process.stdout.write(question.text);
    return 0;
  }
  const commandLine = parseCommandLine(question.serverWords, process.env);
  if (commandLine.kind === "usage") return complain(commandLine.message, 2);
  if (commandLine.kind !== "serve") {
    process.stdout.write(commandLine.text);
    return 0;
  }
  const { options } = commandLine;
  let data: Uint8Array | undefined;
  let prepared: PreparedHandler;
  try {
    data = question.dataFile === undefined ? undefined : readFileSync(question.dataFile);
  } catch (error) {
    return complain(
      `cannot read ${shownPath(question.dataFile!)} (${systemErrorCode(error)}); name a file with --data.`,
      2,
    );
  }
  try {
    prepared = await prepareHandler(options);
  } catch (error) {
    return complain(`${explainStartError(error, options)}.`, 1);
  }
  const { text, works } = explanation(await ask(question, options, prepared, data));
  process.stdout.write(text);
  return works ? 0 : 1;
}

/** Sends the request through the handler, and adds what a person may not see in the answer. */
async function ask(
  question: Question,
  options: ServeOptions,
  prepared: PreparedHandler,
  data: Uint8Array | undefined,
): Promise<Explained> {
  const seen: Seen = { jobs: [], reasons: [], lines: [], file: undefined, isListing: false, isSource: false };
  const port = options.port ?? DEFAULT_PORT;
  const Observed = observed(prepared.Handler, seen, question.isRun);
  const server = new ThreadingHTTPServer(options.unix ?? [options.bind ?? "", port], Observed);
  server.limits = options.limits ?? {};
  server.log = { write: () => {} };
  const exchanged = await exchangeInMemory(server, requestBytes(question, data, port), {
    port,
    method: question.method,
    mostBody: question.isRun ? Infinity : ENOUGH,
  });
  addHints(seen, question, exchanged, runsScripts(options));
  const [job] = seen.jobs;
  const forecast = job === undefined || question.isRun ? undefined : await forecastOf(job);
  return { question, seen, exchanged, forecast, user: prepared.runner?.name ?? "the user of the server" };
}

/** What is not decided by the server, but by the person who has set it up, and may be a slip. */
function addHints(seen: Seen, { target }: Question, { head }: Exchanged, hasScripts: boolean): void {
  const [status = ""] = head;
  if (!hasScripts && /^\/(?:cgi-bin|htbin)\//.test(target)) {
    seen.reasons.push(
      "without --cgi nothing is run: a script is a file like any other, and its source is sent",
    );
  }
  if (hasScripts && seen.jobs.length === 0 && / 200 /.test(status)) addSourceNote(seen);
  if (/ 404 /.test(status) && seen.file !== undefined && seen.reasons.length === 0) {
    const missing = describeMissing(seen.file);
    if (missing !== undefined) seen.reasons.push(makeVisible(missing));
  }
}

/** A script outside of the folders for them is not found out by an error: its visitors see its source. */
function addSourceNote(seen: Seen): void {
  const { file, isListing, reasons } = seen;
  if (file === undefined || isListing) return;
  const start = readStart(file);
  if (shebangLine(start) === undefined && !/^\s*<\?php/i.test(start.toString("latin1"))) return;
  seen.isSource = true;
  reasons.push(
    "it looks like a script, but is a file like any other here: only what is in cgi-bin/ or htbin/ is run, or what --cgi-dir and --cgi-interpreter name",
  );
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`htbin: ${message}\n`);
  return exitCode;
}

/**
 * What the failure of this run would be put down to, if it were started. An application is asked
 * for a connection, and no more.
 */
async function forecastOf(job: ScriptJob): Promise<Verdict | undefined> {
  const { file, start, user, environment, application } = job;
  if (application !== undefined) return diagnoseConnection(application.address);
  return diagnoseStart(startFacts(file, start, user, environment.get("PATH") ?? ""));
}

async function diagnoseConnection(address: string): Promise<Verdict | undefined> {
  try {
    (await connectTo(address)).destroy();
    return undefined;
  } catch (error) {
    const { message, cause } = error as Error;
    return diagnoseGateway(message, systemErrorCode(cause));
  }
}

function requestBytes(
  { method, target, host }: Question,
  data: Uint8Array | undefined,
  port: number,
): (string | Uint8Array)[] {
  // As curl sends it: forms are what is tried most.
  const body =
    data === undefined
      ? ""
      : `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${data.length}\r\n`;
  const head = `${method} ${target} HTTP/1.1\r\nHost: ${host ?? `localhost:${port}`}\r\nAccept: */*\r\nConnection: close\r\n${body}\r\n`;
  return data === undefined ? [head] : [head, data];
}

/**
 * The class that serves, which takes down what it decides. Nothing is decided here a second time.
 * The methods of CGIHTTPRequestHandler are never called on a rung below it.
 */
function observed(Handler: HandlerClass, seen: Seen, isRun: boolean): HandlerClass {
  const Base = Handler as unknown as typeof CGIHTTPRequestHandler;
  const takeLine = (line: string, { scriptName }: ScriptJob): void => {
    if (line.startsWith(`${scriptName}: CGI script `)) return;
    seen.lines.push(line.startsWith(`${scriptName}: `) ? line.slice(scriptName.length + 2) : line);
  };
  class Observed extends Base {
    override translatePath(path: string): string {
      seen.file = super.translatePath(path);
      return seen.file;
    }

    override guessType(path: string): string {
      seen.file = path;
      return super.guessType(path);
    }

    override isCgi(): boolean {
      const isScript = super.isCgi();
      const { cgiInfo } = this;
      if (cgiInfo !== undefined && cgiInfo.mount === undefined) {
        seen.file = join(this.directory, cgiInfo.directory, ...cgiInfo.segments);
      }
      return isScript;
    }

    override listDirectory(path: string): ReturnType<CGIHTTPRequestHandler["listDirectory"]> {
      seen.file = path;
      seen.isListing = true;
      return super.listDirectory(path);
    }

    override logRequest(): void {}

    override logMessage(format: string, ...args: unknown[]): void {
      // The status and its message are seen in the answer.
      if (format.startsWith("code %d")) return;
      const record = args.find((arg) => arg instanceof LogRecord);
      if (record === undefined) seen.reasons.push(visibleMessage(format, args));
      else
        seen.reasons.push(
          visibleMessage(format, [record.lines[0]]),
          ...record.lines.slice(1).map(makeVisible),
        );
    }

    protected override startScript(job: ScriptJob): Promise<ScriptAnswer> {
      seen.jobs.push(job);
      if (isRun) return super.startScript({ ...job, log: (line) => takeLine(line, job) });
      throw new ConnectionLostError("explained, and not run");
    }
  }
  return Observed;
}
