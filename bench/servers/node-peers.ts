// Owns how the servers from npm are started, with their defaults: what bench/peers/package.json lists.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { present, type Place, type Presence, type Server, type Tools } from "./server.ts";

export function sirv(tools: Tools): Server {
  return peer(tools, "sirv-cli", "bin.js", ({ site, port }) => [
    site,
    "--host",
    "127.0.0.1",
    "--port",
    `${port}`,
  ]);
}

export function httpServer(tools: Tools): Server {
  return peer(tools, "http-server", "bin/http-server", ({ site, port }) => [
    site,
    "-a",
    "127.0.0.1",
    "-p",
    `${port}`,
  ]);
}

export function serve(tools: Tools): Server {
  return peer(tools, "serve", "build/main.js", ({ site, port }) => [
    "--listen",
    `tcp://127.0.0.1:${port}`,
    "--no-clipboard",
    "--no-port-switching",
    site,
  ]);
}

export function peersFolder(tools: Tools): string {
  return join(tools.root, "bench", "peers");
}

function peer(tools: Tools, name: string, file: string, args: (place: Place) => readonly string[]): Server {
  const folder = join(peersFolder(tools), "node_modules", name);
  const remark: Record<string, string> = {
    "sirv-cli": "its defaults: folder read once at the start, log (stdout) to a file",
  };
  return {
    name,
    remark: remark[name] ?? "its defaults, log (stdout) to a file",
    package: { from: "npm", name },
    find: () => findPackage(folder),
    command: (place) => [tools.node, join(folder, file), ...args(place)],
  };
}

export function findPackage(folder: string): Presence {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    return present(version);
  } catch {
    return present(undefined);
  }
}
