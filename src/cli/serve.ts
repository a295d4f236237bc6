// From options to a server that serves: what the command line calls, and programs can call as well.
import { networkInterfaces } from "node:os";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import { ThreadingHTTPServer } from "../server/threading-http-server.ts";
import { parseBasePath } from "../files/base-path.ts";
import { type BannerFacts, bannerLines, reachableUrls, type ScriptUser, urlForOthers } from "./banner.ts";
import { checkDirectory } from "./check-directory.ts";
import { checkServeOptions } from "./check-serve-options.ts";
import { claimSocketPath } from "./claim-socket-path.ts";
import { configuredHandler, type HandlerClass } from "./configure-handler.ts";
import { prepareAuth } from "./prepare-auth.ts";
import { saysWhereScriptsAre, runsScripts } from "./runs-scripts.ts";
import { DEFAULT_PORT, type ServeOptions } from "./serve-options.ts";
import { isServed } from "./is-served.ts";
import { loadAhead } from "./load-ahead.ts";
import { openLogFile } from "./open-log-file.ts";
import { StartError } from "./start-errors.ts";

/** Milliseconds: neither the start nor the first requests wait for it. */
const LOADS_AHEAD_AFTER = 1_000;

/**
 * Starts a server as the command line does: checks the options, listens, prints where
 * it can be reached, and serves.
 *
 * @returns the server, serving: `serverPort` is the real port, `shutdown()` ends it, and so does
 * `await using`; `await server.serveForever()` waits for its end
 * @throws {StartError} if it cannot be started with these options; the system's
 * error if it refuses the address
 */
export async function serve(options: ServeOptions = {}): Promise<ThreadingHTTPServer> {
  const { Handler, directory, runner, auth } = await prepareHandler(options);
  if (options.unix !== undefined) await claimSocketPath(options.unix);

  const address = options.unix ?? ([options.bind ?? "", options.port ?? DEFAULT_PORT] as const);
  const server = new ThreadingHTTPServer(address, Handler);
  server.limits = options.limits ?? {};
  if (options.logFormat !== undefined) server.logFormat = options.logFormat;
  const logFile = options.logFile === undefined ? undefined : openLogFile(options.logFile);
  if (logFile !== undefined) server.log = logFile;
  try {
    await server.listen();
  } catch (error) {
    logFile?.close();
    throw error;
  }
  const facts: BannerFacts = {
    address: server.serverAddress,
    interfaces: networkInterfaces(),
    directory,
    scriptUser: runner,
    isLogServed: logFile !== undefined && isServed(logFile.path, directory, options.dotfiles === true),
    base: options.base === undefined ? "" : parseBasePath(options.base).encoded,
    asksForPassword: auth !== undefined,
    missingPage: missingPage(options, directory),
    missingScriptFolders: missingScriptFolders(options, directory),
    hasNoScripts: hasNoScripts(options, directory),
  };
  if (options.banner !== false) printBanner(facts, options.quiet === true);
  if (options.qr === true) process.stdout.write(await qrText(facts));
  if (options.open === true) void showInBrowser(facts);
  setTimeout(() => void loadAhead(runsScripts(options)), LOADS_AHEAD_AFTER).unref();
  // Whoever waits for the end gets the same promise, and with it the error that is dropped here.
  server
    .serveForever()
    .catch(() => {})
    .finally(() => logFile?.close());
  return server;
}

/** The class that serves with these options, and what it serves. */
export interface PreparedHandler {
  readonly Handler: HandlerClass;
  readonly directory: string | undefined;
  /** Whom scripts run as, where there are any. */
  readonly runner: ScriptUser | undefined;
  /** Whom it lets in, if not everybody. */
  readonly auth: string | undefined;
}

/** @throws {StartError} if nothing can be served with these options */
export async function prepareHandler(options: ServeOptions): Promise<PreparedHandler> {
  const problem = checkServeOptions(options);
  if (problem !== undefined) throw new StartError("ERR_START_OPTION", problem);
  const directory = servedDirectory(options);
  const auth = await prepareAuth(options, directory);
  const Handler = await configuredHandler({ ...options, directory, auth });
  if (directory !== undefined) checkDirectory(directory, options.directory, options.single !== undefined);
  if (runsScripts(options)) (await import("./check-scripts.ts")).checkScripts(options);
  return { Handler, directory, runner: await findScriptUser(Handler, options), auth };
}

/** Absolute, so that it stays when the program changes its own. A class given by hand may have one itself. */
function servedDirectory({ directory, handlerClass }: ServeOptions): string | undefined {
  if (directory === undefined && handlerClass !== undefined) return undefined;
  try {
    return resolve(directory ?? ".");
  } catch (error) {
    // What is relative has no meaning in a folder that was removed.
    throw new StartError(
      "ERR_START_DIRECTORY_MISSING",
      "the current folder was removed; go to another, or name the folder by its whole path",
      { cause: error },
    );
  }
}

/** It may be made later, by a build that runs beside; who has chosen the wrong folder wants to know now. */
function missingPage({ single }: ServeOptions, directory: string | undefined): string | undefined {
  if (single === undefined || directory === undefined) return undefined;
  return existsSync(join(directory, single)) ? undefined : single;
}

/** Who writes `--cgi-dir /usr/lib/cgi-bin` means a folder of the disk, and is to be told. */
function missingScriptFolders({ cgiDirectories }: ServeOptions, directory: string | undefined): string[] {
  if (cgiDirectories === undefined || directory === undefined) return [];
  return cgiDirectories.filter((path) => !existsSync(join(directory, path)));
}

/** Who starts it in cgi-bin/ itself sends the source of all scripts, and hears of no error. */
function hasNoScripts(options: ServeOptions, directory: string | undefined): boolean {
  if (options.cgi !== true || directory === undefined || options.handlerClass !== undefined) return false;
  if (saysWhereScriptsAre(options)) return false;
  return !["cgi-bin", "htbin"].some((name) => existsSync(join(directory, name)));
}

/** Whom scripts run as, where a class was asked for that may run some. For others nothing is loaded. */
async function findScriptUser(Handler: HandlerClass, options: ServeOptions): Promise<ScriptUser | undefined> {
  if (!runsScripts(options) && options.handlerClass === undefined) return undefined;
  return (await import("./script-user.ts")).findScriptUser(Handler, options);
}

function printBanner(facts: BannerFacts, isShort: boolean): void {
  const lines = bannerLines(facts);
  process.stdout.write(`${(isShort ? lines.slice(0, 1) : lines).join("\n")}\n`);
}

async function qrText(facts: BannerFacts): Promise<string> {
  const url = urlForOthers(facts);
  if (url === undefined) return "No QR code: no other device can reach this server.\n";
  const { qrCode } = await import("./qr-code.ts");
  return `${await qrCode(url)}${url}\n`;
}

/** Nobody waits for a browser. */
async function showInBrowser(facts: BannerFacts): Promise<void> {
  const { openBrowser } = await import("./open-browser.ts");
  const problem = await openBrowser(reachableUrls(facts)[0]!);
  if (problem !== undefined) process.stderr.write(`htbin: ${problem}.\n`);
}
