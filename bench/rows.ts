// Owns the list of rows: what is asked for, of whom, by which load. A new row is one more entry here.

import { setTimeout as delay } from "node:timers/promises";

import { checkingClient } from "./load/checking-client.ts";
import { curl } from "./load/curl.ts";
import type { Load } from "./load/load.ts";
import { wrk } from "./load/wrk.ts";
import type { RunningServer } from "./running-server.ts";
import { bareNode } from "./servers/bare-node.ts";
import { htbin, htbinWithCgi } from "./servers/htbin.ts";
import { lighttpd, lighttpdWithCgi } from "./servers/lighttpd.ts";
import { nginx, nginxWithOpenFileCache } from "./servers/nginx.ts";
import { httpServer, serve, sirv } from "./servers/node-peers.ts";
import { python, pythonWithCgi, pythonWithHttp11 } from "./servers/python.ts";
import type { Server, Tools } from "./servers/server.ts";
import { binaryFile, compiledProgram, pythonScript, textFile, type Content } from "./site.ts";

export interface Row {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly unit: "requests/s" | "MB/s" | "ms" | "MiB";
  readonly content: Content;
  /** htbin first: the others are its peers. */
  readonly servers: readonly [Server, ...Server[]];
  readonly measure: Measure;
}

/** Under load all servers of the row run from beginning to end; for a start each is started anew for every value. */
type Measure =
  | { readonly kind: "load"; readonly load: Load }
  | { readonly kind: "start"; readonly perRound: number; read(server: RunningServer): Promise<number> };

export function allRows(tools: Tools): Row[] {
  const small = textFile("1k.txt", 1024);
  const files = [
    htbin(tools),
    nginx(),
    lighttpd(),
    sirv(tools),
    httpServer(tools),
    serve(tools),
    python(tools),
  ] as const;
  const forInformation = [nginxWithOpenFileCache(), pythonWithHttp11(tools), bareNode(tools, small.path)];
  const programs = [htbinWithCgi(tools), lighttpdWithCgi(), pythonWithCgi(tools)] as const;
  const starters = [...files, bareNode(tools, small.path)] as const;
  return [
    {
      name: "1k",
      title: "1 KiB file",
      unit: "requests/s",
      content: small,
      servers: [...files, ...forInformation],
      measure: { kind: "load", load: wrk() },
    },
    {
      name: "100k",
      title: "100 KiB file",
      unit: "requests/s",
      content: textFile("100k.txt", 100 * 1024),
      servers: files,
      measure: { kind: "load", load: wrk() },
    },
    {
      name: "256m",
      title: "256 MiB file",
      unit: "MB/s",
      content: binaryFile("256m.bin", 256),
      servers: files,
      measure: { kind: "load", load: curl() },
    },
    {
      name: "cgi-c",
      title: "CGI: compiled program",
      unit: "requests/s",
      content: compiledProgram("hello"),
      servers: programs,
      measure: { kind: "load", load: checkingClient() },
    },
    {
      name: "cgi-python",
      title: "CGI: Python script",
      unit: "requests/s",
      content: pythonScript("hello.py", tools.python?.path),
      servers: programs,
      measure: { kind: "load", load: checkingClient() },
    },
    {
      name: "start",
      title: "start to first answer (less is better)",
      unit: "ms",
      content: small,
      servers: starters,
      measure: { kind: "start", perRound: 4, read: (server) => Promise.resolve(server.firstAnswerMs) },
    },
    {
      name: "memory",
      title: "idle memory (less is better)",
      unit: "MiB",
      content: small,
      servers: starters,
      measure: { kind: "start", perRound: 1, read: idleMemory },
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

/** After the first answer a program still loads and frees; a moment later it has come to rest. */
async function idleMemory(server: RunningServer): Promise<number> {
  await delay(500);
  return server.memory() / 2 ** 20;
}
