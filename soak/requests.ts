// The requests that a soak mixes, each with the status and the number of log lines that it owes.

import type { Random } from "./random.ts";
import { SMALL } from "./site.ts";

export interface SoakRequest {
  readonly method: string;
  /** As it goes over the wire, Latin-1. */
  readonly bytes: string;
  /** Where its head ends in `bytes`. */
  readonly headEnd: number;
  /** Of its answer; 0 if that has no head (HTTP/0.9) or need not come whole. */
  readonly status: number;
  /** Log lines of the whole exchange. */
  readonly lines: number;
  /** The server ends the connection behind the answer. */
  readonly closes: boolean;
  /** Refused before its head is complete. */
  readonly isMalformed: boolean;
}

export interface Kind {
  readonly weight: number;
  /** Worth asking only by a client that leaves: its answer is too long, or never comes whole. */
  readonly isBrokenOnly?: boolean;
  make(random: Random): SoakRequest;
}

interface Shape {
  readonly method?: string;
  readonly version?: string;
  readonly fields?: string;
  readonly body?: string;
  readonly status?: number;
  readonly lines?: number;
  readonly closes?: boolean;
  readonly isMalformed?: boolean;
}

function request(target: string, shape: Shape = {}): SoakRequest {
  const { method = "GET", version = "HTTP/1.1", fields = "", body = "", status = 200 } = shape;
  const head = `${method} ${target} ${version}\r\nHost: localhost\r\n${fields}\r\n`;
  return whole(head, body, method, status, shape);
}

function whole(head: string, body: string, method: string, status: number, shape: Shape): SoakRequest {
  return {
    method,
    bytes: head + body,
    headEnd: head.length,
    status,
    // sendError() logs the error beside the request.
    lines: shape.lines ?? (status >= 400 ? 2 : 1),
    closes: shape.closes ?? shape.version === "HTTP/1.0",
    isMalformed: shape.isMalformed ?? false,
  };
}

/** A request with a body of some length, or the same in chunks of any size. */
function upload(random: Random, target: string, shape: Shape = {}): SoakRequest {
  const text = "0123456789abcdef".repeat(random.pick([0, 1, 10, 1_000, 8_000]));
  const waits = random.chance(0.2) && text !== "";
  const expect = waits ? "Expect: 100-continue\r\n" : "";
  // Whoever refuses a body before it was sent cannot know whether it comes all the same.
  shape = { closes: waits && shape.status !== undefined, ...shape };
  const typed = `${expect}Content-Type: text/plain\r\n`;
  if (random.chance(0.5)) {
    const fields = `${typed}Content-Length: ${text.length}\r\n`;
    return request(target, { method: "POST", ...shape, fields, body: text });
  }
  let body = "";
  for (let at = 0; at < text.length;) {
    const size = random.integer(1, 20_000);
    const chunk = text.slice(at, at + size);
    body += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
    at += size;
  }
  const fields = `${typed}Transfer-Encoding: chunked\r\n`;
  return request(target, { method: "POST", ...shape, fields, body: `${body}0\r\n\r\n` });
}

function refused(head: string, status: number, isMalformed = true): SoakRequest {
  const method = head.slice(0, head.indexOf(" "));
  return whole(head, "", method, status, { closes: true, isMalformed });
}

const FIELD = (size: number): string => `X-Long: ${"x".repeat(size)}\r\n`;

/** What any server of files is asked. */
const FILES: readonly Kind[] = [
  { weight: 12, make: () => request(`/${SMALL}`) },
  { weight: 2, make: () => request(`/${SMALL}`, { method: "HEAD" }) },
  { weight: 2, make: () => request(`/${SMALL}`, { version: "HTTP/1.0" }) },
  { weight: 2, make: () => request("/medium.bin") },
  { weight: 4, isBrokenOnly: true, make: () => request("/medium.bin") },
  { weight: 6, isBrokenOnly: true, make: () => request("/large.bin") },
  { weight: 1, make: () => request("/large.bin", { method: "HEAD" }) },
  { weight: 2, make: () => request("/many/") },
  { weight: 1, make: () => request("/many", { status: 301 }) },
  { weight: 2, make: () => request("/missing", { status: 404 }) },
  // The log has a line for why, beside the two of every error.
  { weight: 1, make: () => request("/.hidden", { status: 404, lines: 3 }) },
  { weight: 1, make: () => request("/%00", { status: 400 }) },
  { weight: 1, make: () => request("/%", { status: 400 }) },
  { weight: 1, make: () => request("/", { method: "OPTIONS", status: 204 }) },
  { weight: 1, make: () => request("/", { method: "SPAM", status: 501 }) },
  { weight: 1, make: (random) => upload(random, "/small.txt", { method: "PUT", status: 405 }) },
  {
    weight: 1,
    make: () =>
      request(`/${SMALL}`, { fields: `If-Modified-Since: ${new Date(2e12).toUTCString()}\r\n`, status: 304 }),
  },
  { weight: 1, make: () => request("/", { fields: "Expect: magic\r\n", status: 417, closes: true }) },
  { weight: 1, make: () => whole(`GET /${SMALL}\r\n`, "", "GET", 0, { closes: true, lines: 1 }) },
  { weight: 1, make: () => refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, false) },
  { weight: 1, make: () => refused("GET / HTTP/1.1\nHost: a\n\n", 400) },
  { weight: 1, make: () => refused("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505) },
  { weight: 1, make: () => refused("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400) },
  { weight: 1, make: () => refused(`GET / HTTP/1.1\r\nHost: a\r\n${FIELD(70_000)}\r\n`, 431) },
  { weight: 1, make: () => refused(`GET /${"x".repeat(70_000)} HTTP/1.1\r\n\r\n`, 414) },
  {
    weight: 1,
    make: () =>
      refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
  },
];

/** What `htbin --cgi` is asked as well. Scripts are few, since each is a process. */
const SCRIPTS: readonly Kind[] = [
  { weight: 2, make: () => request("/cgi-bin/hello.sh?a=b") },
  { weight: 1, make: () => request("/cgi-bin/hello.sh", { version: "HTTP/1.0" }) },
  { weight: 1, make: () => request("/cgi-bin/hello.sh", { method: "HEAD" }) },
  { weight: 1, make: (random) => upload(random, "/cgi-bin/echo.sh") },
  { weight: 1, make: (random) => upload(random, "/cgi-bin/deaf.sh") },
  { weight: 1, make: () => request("/cgi-bin/missing.sh", { status: 404, lines: 1 }) },
  { weight: 0.5, make: () => request("/cgi-bin/local.sh") },
  { weight: 0.5, make: () => request("/cgi-bin/away.sh", { status: 302 }) },
  { weight: 0.5, make: () => request("/cgi-bin/complain.sh", { lines: 2 }) },
  { weight: 0.5, make: () => request("/cgi-bin/silent.sh", { status: 502, lines: 3 }) },
  { weight: 0.5, make: () => request("/cgi-bin/garbage.sh", { status: 502, lines: 3 }) },
  { weight: 0.5, make: () => request("/cgi-bin/mebibyte.sh") },
  { weight: 0.2, make: () => request("/cgi-bin/slow.sh") },
  { weight: 0.5, make: () => request("/cgi-bin/none.sh", { status: 404 }) },
  { weight: 0.5, make: () => request("/cgi-bin/plain.sh", { status: 403, lines: 3 }) },
  { weight: 0.5, make: () => request("/cgi-bin/nothing.sh", { status: 500, lines: 3 }) },
  { weight: 0.5, make: () => request("/cgi-bin/", { status: 403, lines: 3 }) },
  { weight: 1, make: (random) => upload(random, `/${SMALL}`, { status: 501 }) },
  { weight: 0.5, isBrokenOnly: true, make: () => request("/cgi-bin/mebibyte.sh") },
  { weight: 0.5, isBrokenOnly: true, make: () => request("/cgi-bin/endless.sh") },
  { weight: 0.5, isBrokenOnly: true, make: () => request("/cgi-bin/sleep.sh") },
  { weight: 0.2, isBrokenOnly: true, make: (random) => upload(random, "/cgi-bin/sleep.sh") },
  { weight: 0.1, isBrokenOnly: true, make: () => request("/cgi-bin/stubborn.sh") },
];

const fault = (name: string, shape: Shape = {}): SoakRequest => request(`/fault/${name}`, shape);

/** What a server with handlers that go wrong in every way is asked as well: see faulty-server.ts. */
const FAULTS: readonly Kind[] = [
  { weight: 1, make: () => fault("throw-before", { status: 500, lines: 3 }) },
  { weight: 1, make: () => fault("throw-no-error", { status: 500, lines: 3 }) },
  { weight: 1, make: () => fault("reject-later", { status: 500, lines: 3 }) },
  { weight: 1, make: () => fault("throw-after", { status: 0, closes: true, lines: 3 }) },
  { weight: 1, make: () => fault("throw-midway", { status: 0, closes: true, lines: 3 }) },
  { weight: 1, make: () => fault("throw-http-error", { status: 418 }) },
  { weight: 1, make: () => fault("no-answer", { status: 500, lines: 3 }) },
  { weight: 1, make: () => fault("write-after-end", { status: 0, closes: true, lines: 3 }) },
  { weight: 1, make: () => fault("too-short", { status: 0, closes: true, lines: 2 }) },
  { weight: 1, make: () => fault("too-long", { closes: true, lines: 2 }) },
  { weight: 2, make: (random) => upload(random, "/fault/echo") },
  { weight: 1, make: (random) => upload(random, "/fault/unread") },
  { weight: 1, make: (random) => upload(random, "/fault/first-piece") },
  { weight: 1, make: () => fault("stream") },
  { weight: 2, isBrokenOnly: true, make: () => fault("endless") },
  { weight: 1, isBrokenOnly: true, make: () => fault("wait-for-signal") },
  { weight: 1, isBrokenOnly: true, make: () => fault("never") },
  { weight: 1, isBrokenOnly: true, make: () => fault("never-after-head") },
  { weight: 1, isBrokenOnly: true, make: (random) => upload(random, "/fault/never") },
];

export type ServerName = "handlers" | "command";

export const KINDS: Readonly<Record<ServerName, readonly Kind[]>> = {
  handlers: [...FILES, ...FAULTS],
  command: [...FILES, ...SCRIPTS],
};
