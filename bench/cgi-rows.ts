// Owns the rows about scripts: how many a second, how much output, what the server's memory costs, and what files notice of it.

import { fileTime } from "./beside-scripts.ts";
import { checkingClient } from "./load/checking-client.ts";
import { curl } from "./load/curl.ts";
import { each, type LoadMeasure, type Row } from "./row.ts";
import { htbinWithCgi } from "./servers/htbin.ts";
import { htbinByChildProcess, htbinHolding, onAllCores } from "./servers/htbin-cgi.ts";
import { lighttpdWithCgi } from "./servers/lighttpd.ts";
import { nginx } from "./servers/nginx.ts";
import { pythonWithCgi } from "./servers/python.ts";
import type { Tools } from "./servers/server.ts";
import { besides, compiledProgram, printingProgram, pythonScript, textFile } from "./site.ts";

/** Few enough that no one waits for a place. */
const FEW = 4;

export function cgiRows(tools: Tools): Row[] {
  const ours = htbinWithCgi(tools);
  const other = htbinByChildProcess(tools);
  const programs = [ours, other, lighttpdWithCgi(), pythonWithCgi(tools)] as const;
  const compared: LoadMeasure = { kind: "load", load: checkingClient() };
  const few: LoadMeasure = { kind: "load", load: checkingClient(FEW) };
  const hello = compiledProgram("hello");
  const alone = fileTime({ kind: "nobody" });
  const beside = fileTime({ kind: "the same server", script: hello.path });
  const apart = fileTime({
    kind: "another server",
    script: hello.path,
    server: onAllCores(ours, "htbin --cgi"),
  });
  return [
    {
      name: "cgi-c",
      title: "CGI: compiled program",
      unit: "requests/s",
      content: hello,
      entrants: each(programs, { ...compared, warmUps: 5 }),
    },
    {
      name: "cgi-python",
      title: "CGI: Python script",
      unit: "requests/s",
      content: pythonScript("hello.py", tools.python?.path),
      entrants: each(programs, compared),
    },
    {
      name: "cgi-50m",
      title: "CGI: 50 MiB of output",
      unit: "MB/s",
      content: printingProgram("fifty", 50),
      entrants: each([ours, other, lighttpdWithCgi()], { kind: "load", load: curl() }),
    },
    {
      name: "cgi-memory",
      title: "CGI: compiled program, beside memory that the server holds",
      unit: "requests/s",
      content: hello,
      entrants: each(
        [
          htbinHolding(tools, 1024, "posix_spawn"),
          htbinHolding(tools, 64, "posix_spawn"),
          htbinHolding(tools, 1024, "child_process"),
          htbinHolding(tools, 64, "child_process"),
        ],
        few,
      ),
    },
    {
      name: "1k-cgi",
      title: "1 KiB file beside all the scripts that can be started: 99 of 100 within (less is better)",
      unit: "ms",
      content: besides(textFile("1k.txt", 1024), hello),
      entrants: [
        { server: onAllCores(ours, "htbin --cgi"), measure: { kind: "start", perRound: 1, read: beside } },
        {
          server: onAllCores(ours, "htbin, no scripts"),
          measure: { kind: "start", perRound: 1, read: alone },
        },
        { server: onAllCores(other, other.name), measure: { kind: "start", perRound: 1, read: beside } },
        {
          server: onAllCores(lighttpdWithCgi(), "lighttpd, mod_cgi"),
          measure: { kind: "start", perRound: 1, read: beside },
        },
        {
          server: onAllCores(nginx(), "nginx, no scripts"),
          measure: { kind: "start", perRound: 1, read: alone },
        },
        {
          server: {
            ...onAllCores(nginx(), "nginx, scripts by an htbin"),
            remark: "as nginx, while an htbin of its own runs the scripts: what the machine does to a file",
          },
          measure: { kind: "start", perRound: 1, read: apart },
        },
      ],
    },
  ];
}
