// Owns the list of rows: what is asked for, of whom, by which load. A new row is one more entry here.

import { cgiRows } from "./cgi-rows.ts";
import { compressedText, GZIP_LEVEL } from "./compressed-text.ts";
import { curl } from "./load/curl.ts";
import { memoryUnderDownloads } from "./load/downloads.ts";
import { idleConnectionsWithin } from "./load/idle-connections.ts";
import { wrk } from "./load/wrk.ts";
import { idleMemory, perIdleConnection } from "./memory.ts";
import { each, type LoadMeasure, type Row } from "./row.ts";
import { bareNode } from "./servers/bare-node.ts";
import { readHeap, withHeapProbe } from "./servers/heap-probe.ts";
import { htbin, htbinOnNewestNode } from "./servers/htbin.ts";
import { htbinWithoutLimits } from "./servers/htbin-limits.ts";
import { lighttpd } from "./servers/lighttpd.ts";
import {
  nginx,
  nginxWithGzip,
  nginxWithIdle,
  nginxWithOpenFileCache,
  nginxWithoutNopush,
} from "./servers/nginx.ts";
import { httpServer, serve, sirv } from "./servers/node-peers.ts";
import { htbinWithPhpFpm, nginxWithPhpFpm, phpScript } from "./servers/php-fpm.ts";
import { python, pythonWithHttp11 } from "./servers/python.ts";
import type { Server, Tools } from "./servers/server.ts";
import { binaryFile, manyTextFiles, textFile } from "./site.ts";

const IDLE_CONNECTIONS = 10_000;

/** Requests that a connection sends in one piece. */
const PIPELINE = 16;

/** Files that do not fit into a processor's cache together, and do into the memory that htbin keeps files in. */
const MANY = 10_000;

const DOWNLOADS = 100;

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
  const starters = [...files, bare] as const;
  const idle = idleConnectionsWithin(IDLE_CONNECTIONS);
  const idleText = `${idle.toLocaleString("en-US")} idle connections`;
  const roomyNginx = nginxWithIdle(idle);
  const oneByOne: LoadMeasure = { kind: "load", load: wrk() };
  const pipelined: LoadMeasure = { kind: "load", load: wrk({ pipeline: PIPELINE }) };
  const besideIdle: LoadMeasure = { ...oneByOne, idle };
  const text = compressedText();
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
      name: "1k-10000",
      title: `1 KiB files, ${MANY.toLocaleString("en-US")} of them in no order`,
      unit: "requests/s",
      content: manyTextFiles("many", MANY, 1024),
      entrants: each([ours, nginx(), lighttpd(), nginxWithOpenFileCache()], oneByOne),
    },
    {
      name: "304",
      title: "304 (Not Modified), 1 KiB file",
      unit: "requests/s",
      content: small,
      entrants: each([ours, htbinOnNewestNode(tools), nginx(), lighttpd()], {
        kind: "load",
        load: wrk({ revalidates: true }),
      }),
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
      name: "gzip-changing",
      title: "100 KiB of text with gzip, while the file changes",
      unit: "requests/s",
      content: text.content,
      entrants: each([ours, nginxWithGzip(GZIP_LEVEL)], { kind: "load", load: text.changing }),
    },
    {
      name: "gzip",
      title: "100 KiB of text with gzip",
      unit: "requests/s",
      content: text.content,
      entrants: each([ours, nginxWithGzip(GZIP_LEVEL)], { kind: "load", load: text.unchanged }),
    },
    {
      name: "256m-memory",
      title: `memory with ${DOWNLOADS} downloads of 256 MiB at once (less is better)`,
      unit: "MiB",
      content: binaryFile("256m.bin", 256),
      entrants: each([ours, nginx()], {
        kind: "start",
        perRound: 1,
        read: memoryUnderDownloads(DOWNLOADS),
      }),
    },
    ...cgiRows(tools),
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

/** A server that takes part twice needs a second name. */
function named(name: string, server: Server): Server {
  return { ...server, name };
}
