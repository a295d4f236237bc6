// What the tests of CGI by number share: scripts that say what they got, and scripts that print given bytes.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { defaultCGILimits } from "../../src/cgi/limits.ts";
import { parseResponse, type Response, type Site } from "../cgi/running-site.ts";
import { put } from "../cgi/temporary-directory.ts";

export const noShell = process.platform === "win32" && "the scripts are for /bin/sh";

/** However busy the machine is, the whole of a short answer is waited for. */
export const PATIENT = { cgiLimits: { ...defaultCGILimits, gatherTime: 10_000 } };

export const HELLO = "#!/bin/sh\necho Content-Type: text/plain\necho\necho hello\n";
export const ECHO = "#!/bin/sh\necho Content-Type: application/octet-stream\necho\nexec cat\n";
/** Its environment, NUL between the variables. */
export const ENVIRONMENT = "#!/bin/sh\necho Content-Type: application/octet-stream\necho\nexec env -0\n";
/** Its arguments, a line each. */
export const ARGUMENTS =
  '#!/bin/sh\necho Content-Type: text/plain\necho\nfor a in "$@"; do printf "%s\\n" "$a"; done\n';
/** Tells its number on stderr, and then neither prints nor ends. */
export const SILENT = "#!/bin/sh\necho pid $$ >&2\nsleep 60 &\nwait\n";

export async function ask(site: Site, request: string | Buffer): Promise<Response> {
  return parseResponse(await site.exchange(request));
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Puts a script into cgi-bin that prints exactly these bytes, one for each character. */
export function printer(site: Site, name: string, output: string): void {
  const file = put(site.root, `out/${name}`, Buffer.from(output, "latin1"));
  site.script(name, `#!/bin/sh\nexec cat '${file}'\n`);
}

/** What a script that prints `output` is answered with. */
export async function answerTo(site: Site, output: string, request?: string): Promise<Response> {
  printer(site, "answer", output);
  return ask(site, request ?? get("/cgi-bin/answer"));
}

/** The environment that the script of this request gets. The site needs a script `env`, or an equal one. */
export async function environmentOf(site: Site, request: string | Buffer): Promise<Variables> {
  const { status, head, body } = await ask(site, request);
  assert.equal(status, 200, `${head}\n${site.logged.join("\n")}`);
  const text = Buffer.from(body, "latin1").toString("utf8");
  const lines = text.split("\0").filter((line) => line !== "");
  const variables = lines.map((line): [string, string] => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  const names = variables.map(([name]) => name.toUpperCase());
  assert.equal(new Set(names).size, names.length, "a name is there twice (RFC 3875 §4.1)");
  return Object.fromEntries(variables);
}

export function get(path: string, fields = "", method = "GET"): string {
  return `${method} ${path} HTTP/1.1\r\nHost: a.example:81\r\nConnection: close\r\n${fields}\r\n`;
}

export function post(path: string, body: string, fields = ""): string {
  return get(path, `${fields}Content-Length: ${body.length}\r\n`, "POST") + body;
}

/** The body in chunks of at most 10 000 bytes. */
export function chunked(path: string, body: string, fields = ""): string {
  const chunks: string[] = [];
  for (let at = 0; at < body.length; at += 10_000) {
    const piece = body.slice(at, at + 10_000);
    chunks.push(`${piece.length.toString(16)}\r\n${piece}\r\n`);
  }
  return `${get(path, `${fields}Transfer-Encoding: chunked\r\n`, "POST")}${chunks.join("")}0\r\n\r\n`;
}

export async function until(condition: () => boolean, milliseconds = 10_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "waited too long");
    await sleep(10);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync("/proc/self/stat") || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** The number that a script has told on stderr. */
export async function pidOf(site: Site): Promise<number> {
  const told = (): string | undefined => site.logged.find((message) => message.includes(": pid "));
  await until(() => told() !== undefined);
  return Number(/pid (\d+)/.exec(told()!)?.[1]);
}
