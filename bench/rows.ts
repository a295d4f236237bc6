// Owns the list of rows: what is asked for, of whom, by which load. A new row is one more entry here.

import { checkingClient } from "./load/checking-client.ts";
import { curl } from "./load/curl.ts";
import { idleConnectionsWithin } from "./load/idle-connections.ts";
import type { Load } from "./load/load.ts";
import { wrk } from "./load/wrk.ts";
import { idleMemory, perIdleConnection } from "./memory.ts";
import type { RunningServer } from "./running-server.ts";
import { bareNode } from "./servers/bare-node.ts";
import { readHeap, withHeapProbe } from "./servers/heap-probe.ts";
import { htbin, htbinOnNewestNode, htbinWithCgi } from "./servers/htbin.ts";
import { htbinWithoutLimits } from "./servers/htbin-limits.ts";
import { lighttpd, lighttpdWithCgi } from "./servers/lighttpd.ts";
import { nginx, nginxWithIdle, nginxWithOpenFileCache, nginxWithoutNopush } from "./servers/nginx.ts";
import { httpServer, serve, sirv } from "./servers/node-peers.ts";
import { htbinWithPhpFpm, nginxWithPhpFpm, phpScript } from "./servers/php-fpm.ts";
import { python, pythonWithCgi, pythonWithHttp11 } from "./servers/python.ts";
import type { Server, Tools } from "./servers/server.ts";
import { binaryFile, compiledProgram, pythonScript, textFile, type Content, type Expected } from "./site.ts";

export interface Row {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly unit: "requests/s" | "MB/s" | "ms" | "MiB" | "KiB";
  readonly content: Content;
  /** htbin first: the others are compared with it. */
  readonly entrants: Entrants;
}

export interface Entrant {
  readonly server: Server;
  readonly measure: LoadMeasure | StartMeasure;
}

type Entrants = readonly [Entrant, ...Entrant[]];

/** Under load a server runs from the beginning of its row to the end. */
export interface LoadMeasure {
  readonly kind: "load";
  readonly load: Load;
  /** Connections that are open during each burst and ask for nothing. */
  readonly idle?: number;
}

/** For a start a server is started anew for every value. */
interface StartMeasure {
  readonly kind: "start";
  readonly perRound: number;
  read(server: RunningServer, expected: Expected): Promise<number>;
}

const IDLE_CONNECTIONS = 10_000;

/** Requests that a connection sends in one piece. */
const PIPELINE = 16;

export function allRows(tools: Tools): Row[] {
  const small = textFile("1k.txt", 1024);
  const ours = htbin(tools);
  const bare = bareNode(tools, small.path);
  const files = [
    ours,
    nginx(),
    lighttpd(),
    sirv(tools),
    httpServer(tools),
    serve(tools),
    python(tools),
  ] as const;
  const forInformation = [nginxWithOpenFileCache(), pythonWithHttp11(tools), bare];
  const programs = [htbinWithCgi(tools), lighttpdWithCgi(), pythonWithCgi(tools)] as const;
  const starters = [...files, bare] as const;
  const idle = idleConnectionsWithin(IDLE_CONNECTIONS);
  const idleText = `${idle.toLocaleString("en-US")} idle connections`;
  const roomyNginx = nginxWithIdle(idle);
  const oneByOne: LoadMeasure = { kind: "load", load: wrk() };
  const pipelined: LoadMeasure = { kind: "load", load: wrk({ pipeline: PIPELINE }) };
  const besideIdle: LoadMeasure = { ...oneByOne, idle };
  const compared: LoadMeasure = { kind: "load", load: checkingClient() };
  return [
    {
      name: "1k",
      title: "1 KiB file",
      unit: "requests/s",
      content: small,
      entrants: each([ours, htbinOnNewestNode(tools), ...files.slice(1), ...forInformation], oneByOne),
    },
    {
      name: "1k-pipelined",
      title: `1 KiB file, requests ${PIPELINE} deep`,
      unit: "requests/s",
      content: small,
      entrants: [
        { server: ours, measure: pipelined },
        { server: named("htbin, one by one", ours), measure: oneByOne },
        { server: nginx(), measure: pipelined },
        { server: named("nginx, one by one", nginx()), measure: oneByOne },
        { server: nginxWithoutNopush(), measure: pipelined },
      ],
    },
    {
      name: "1k-idle",
      title: `1 KiB file beside ${idleText}`,
      unit: "requests/s",
      content: small,
      entrants: [
        { server: ours, measure: besideIdle },
        { server: named("htbin, none idle", ours), measure: oneByOne },
        { server: roomyNginx, measure: besideIdle },
        { server: named(`${roomyNginx.name}, none idle`, roomyNginx), measure: oneByOne },
      ],
    },
    {
      name: "1k-limits",
      title: "1 KiB file: what limits cost",
      unit: "requests/s",
      content: small,
      entrants: each(htbinWithoutLimits(tools), oneByOne),
    },
    {
      name: "100k",
      title: "100 KiB file",
      unit: "requests/s",
      content: textFile("100k.txt", 100 * 1024),
      entrants: each(files, oneByOne),
    },
    {
      name: "256m",
      title: "256 MiB file",
      unit: "MB/s",
      content: binaryFile("256m.bin", 256),
      entrants: each(files, { kind: "load", load: curl() }),
    },
    {
      name: "cgi-c",
      title: "CGI: compiled program",
      unit: "requests/s",
      content: compiledProgram("hello"),
      entrants: each(programs, compared),
    },
    {
      name: "cgi-python",
      title: "CGI: Python script",
      unit: "requests/s",
      content: pythonScript("hello.py", tools.python?.path),
      entrants: each(programs, compared),
    },
    {
      name: "fastcgi-php",
      title: "FastCGI: php-fpm",
      unit: "requests/s",
      content: phpScript("hello.php"),
      entrants: each([htbinWithPhpFpm(tools), nginxWithPhpFpm()], oneByOne),
    },
    {
      name: "start",
      title: "start to first answer (less is better)",
      unit: "ms",
      content: small,
      entrants: each(starters, {
        kind: "start",
        perRound: 4,
        read: (server) => Promise.resolve(server.firstAnswerMs),
      }),
    },
    {
      name: "memory",
      title: "idle memory (less is better)",
      unit: "MiB",
      content: small,
      entrants: each(starters, { kind: "start", perRound: 1, read: idleMemory }),
    },
    {
      name: "idle-heap",
      title: `heap for each of ${idleText} (less is better)`,
      unit: "KiB",
      content: small,
      entrants: each([withHeapProbe(ours), withHeapProbe(bare)], {
        kind: "start",
        perRound: 1,
        read: perIdleConnection(idle, readHeap),
      }),
    },
    {
      name: "idle-memory",
      title: `memory for each of ${idleText} (less is better)`,
      unit: "KiB",
      content: small,
      entrants: each([ours, roomyNginx, bare], {
        kind: "start",
        perRound: 1,
        read: perIdleConnection(idle, (server) => server.memory()),
      }),
    },
  ];
}

/** The rows to run, in the order of the table; throws a sentence when a name is unknown. */
export function chooseRows(rows: readonly Row[], names: readonly string[]): Row[] {
  const known = rows.map((row) => row.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`There is no row "${unknown}"; the rows are ${known.join(", ")}.`);
  return rows.filter((row) => names.length === 0 || names.includes(row.name));
}

/** All of them measured in the same way. */
function each([first, ...others]: readonly [Server, ...Server[]], measure: Entrant["measure"]): Entrants {
  return [{ server: first, measure }, ...others.map((server) => ({ server, measure }))];
}

/** A server that takes part twice needs a second name. */
function named(name: string, server: Server): Server {
  return { ...server, name };
}
