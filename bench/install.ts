// Owns what is fetched on demand: the peers and the newest Node from npm, and nginx, lighttpd and wrk from Debian. All talk goes to stderr.

import { spawnSync } from "node:child_process";

import { askProgram } from "./processes.ts";
import type { Row } from "./row.ts";
import { peersFolder } from "./servers/node-peers.ts";
import type { Tools } from "./servers/server.ts";

/** Tries to get what these rows lack. What cannot be had is not an error: the row says "not installed". */
export function installMissing(rows: readonly Row[], tools: Tools, answersOnly: boolean): void {
  const wanted = rows
    .flatMap(({ entrants }) => entrants)
    .flatMap(({ server, measure }) =>
      measure.kind === "load" && !answersOnly ? [server, measure.load] : [server],
    );
  const missing = wanted.filter((thing) => thing.package !== undefined && thing.find().kind === "missing");
  const packages = missing.flatMap((thing) => thing.package ?? []);
  if (packages.some((one) => one.from === "npm")) installPeers(tools);
  const debian = packages.filter((one) => one.from === "debian").map((one) => one.name);
  if (debian.length > 0) installFromDebian([...new Set(debian)]);
}

function installPeers(tools: Tools): void {
  run("npm", ["ci", "--prefer-offline"], peersFolder(tools));
}

/** RUNLEVEL: on a machine without systemd, Debian's packages then do not start the servers that they install. */
function installFromDebian(names: readonly string[]): void {
  if (process.getuid?.() !== 0 || askProgram("apt-get", ["--version"]) === undefined) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  run("apt-get", ["update"], "/", env);
  run("apt-get", ["install", "--yes", "--no-install-recommends", ...names], "/", env);
}

function run(program: string, args: readonly string[], cwd: string, env = process.env): void {
  console.error(`bench: ${program} ${args.join(" ")}`);
  spawnSync(program, args, { cwd, env, stdio: ["ignore", 2, 2], timeout: 300_000 });
}
