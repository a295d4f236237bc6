// Owns Python: which interpreter is meant, and how its http.server is started, plain, with HTTP/1.1 and with CGI.

import { accessSync, constants } from "node:fs";

import { askProgram } from "../processes.ts";
import { present, type Place, type Presence, type Python, type Server, type Tools } from "./server.ts";

/**
 * The system's Python, else the one on PATH, asked for its real path: a version manager's shim is a shell script, and
 * the time to start that is not Python's. The system's first, because scripts may run as a user who cannot read a home.
 */
export function findPython(): Python | undefined {
  const ask = "import sys; print(sys.executable, *sys.version_info[:3])";
  for (const program of ["/usr/bin/python3", "python3"]) {
    const answer = askProgram(program, ["-c", ask])?.trim() ?? "";
    const [path = "", major, minor, patch] = answer.split(" ");
    if (major === "3" && isExecutable(path)) {
      return { path, version: `3.${minor}.${patch}`, minor: Number(minor) };
    }
  }
  return undefined;
}

export function python(tools: Tools): Server {
  return {
    name: "python http.server",
    remark: "HTTP/1.0, its default: a connection per request; access log (stderr) to a file",
    find: () => present(tools.python?.version),
    command: (place) => command(tools, place, []),
  };
}

/** Keep-alive costs it more than it gives: header and body go out in two writes, and the second waits for an ACK. */
export function pythonWithHttp11(tools: Tools): Server {
  return {
    ...python(tools),
    name: "python http.server -p HTTP/1.1",
    remark: "keep-alive: the body waits for the acknowledgement of the header; access log (stderr) to a file",
    find: () => since(tools, 11, "-p HTTP/1.1 came with Python 3.11"),
    command: (place) => command(tools, place, ["--protocol", "HTTP/1.1"]),
  };
}

export function pythonWithCgi(tools: Tools): Server {
  return {
    ...python(tools),
    name: "python http.server --cgi",
    remark: "HTTP/1.0, as its CGI needs; as root it runs scripts as nobody; access log (stderr) to a file",
    find: () => before(tools, 15, "Python 3.15 and later have no --cgi"),
    command: (place) => command(tools, place, ["--cgi"]),
  };
}

function command({ python }: Tools, { site, port }: Place, options: readonly string[]): string[] {
  const program = python?.path ?? "python3";
  return [program, "-m", "http.server", "--bind", "127.0.0.1", "--directory", site, ...options, String(port)];
}

function since({ python }: Tools, minor: number, reason: string): Presence {
  if (python && python.minor < minor) return { kind: "missing", reason };
  return present(python?.version);
}

function before({ python }: Tools, minor: number, reason: string): Presence {
  if (python && python.minor >= minor) return { kind: "missing", reason };
  return present(python?.version);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
