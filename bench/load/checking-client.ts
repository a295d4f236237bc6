// Owns the load for programs: 32 connections of Node's own client, which looks at every byte of every answer.

// wrk would do for most servers, but it takes a body that ends with the connection, as Python's CGI sends it, for an
// error, and connects a second time. At the few thousand answers a second that CGI reaches, this client idles.

import { createHash } from "node:crypto";
import { Agent, get, type IncomingMessage } from "node:http";

import { askForAnswer } from "../same-answer.ts";
import { present } from "../servers/server.ts";
import type { Expected } from "../site.ts";
import { percentile } from "../statistics.ts";
import { CONNECTIONS, type Load } from "./load.ts";

interface Tally {
  readonly times: number[];
  faults: number;
}

export function checkingClient(connections: number = CONNECTIONS): Load {
  return {
    said: `Node's http client, ${connections} connections kept where the server allows it, every answer compared`,
    find: () => present(process.versions.node),
    ask: askForAnswer,
    async run(origin, expected, seconds) {
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      const tally: Tally = { times: [], faults: 0 };
      const began = performance.now();
      const deadline = began + seconds * 1000;
      await Promise.all(
        Array.from({ length: connections }, () => askUntil(deadline, origin, expected, agent, tally)),
      );
      agent.destroy();
      return {
        perSecond: tally.times.length / seconds,
        p99: percentile(tally.times, 0.99),
        faults: tally.faults,
      };
    },
  };
}

/** What comes after the deadline is awaited, so that it does not burden the next server, but it does not count. */
async function askUntil(
  deadline: number,
  origin: string,
  expected: Expected,
  agent: Agent,
  tally: Tally,
): Promise<void> {
  while (performance.now() < deadline) {
    const began = performance.now();
    const right = await ask(origin, expected, agent);
    const ended = performance.now();
    if (!right) tally.faults += 1;
    else if (ended <= deadline) tally.times.push(ended - began);
  }
}

async function ask(origin: string, expected: Expected, agent: Agent): Promise<boolean> {
  try {
    const response = await request(origin + expected.path, agent);
    const hash = createHash("sha256");
    for await (const bytes of response as AsyncIterable<Buffer>) hash.update(bytes);
    return response.statusCode === expected.status && hash.digest("hex") === expected.sha256;
  } catch {
    return false;
  }
}

/** A kept connection may be closed by the server at the moment we use it, and we ask again (RFC 9112 §9.3.1). */
function request(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent, timeout: 10_000 }, resolve);
    asked.once("timeout", () => asked.destroy(new Error("silent for 10 s")));
    asked.once("error", (error: NodeJS.ErrnoException) => {
      if (asked.reusedSocket && error.code === "ECONNRESET") resolve(request(url, agent));
      else reject(error);
    });
  });
}
