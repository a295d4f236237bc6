// Owns how htbin is started: as a user would, with its access log on stderr, which goes to a file.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { findPackage, peersFolder } from "./node-peers.ts";
import { present, type Place, type Server, type Tools } from "./server.ts";

export function htbin(tools: Tools): Server {
  return {
    name: "htbin",
    remark: "access log (stderr) to a file",
    isHtbin: true,
    find: () => present(version(tools.root)),
    command: (place) => [...command(tools, place), place.site],
  };
}

/** The same under the newest Node, so that one table has both. */
export function htbinOnNewestNode(tools: Tools): Server {
  const folder = join(peersFolder(tools), "node_modules", `node-linux-${process.arch}`);
  return {
    ...htbin({ ...tools, node: join(folder, "bin", "node") }),
    name: "htbin, newest Node",
    remark: "as htbin, under the Node of this version",
    package: { from: "npm", name: `node-linux-${process.arch}` },
    find: () => findPackage(folder),
  };
}

/** As root, htbin would run scripts as nobody; here as the user that lighttpd keeps, too. */
export function htbinWithCgi(tools: Tools): Server {
  const user = process.getuid?.() === 0 ? ["--cgi-user", "root"] : [];
  return {
    ...htbin(tools),
    name: "htbin --cgi",
    command: (place) => [...command(tools, place), "--cgi", ...user, place.site],
  };
}

function command(tools: Tools, place: Place): string[] {
  return [tools.node, tools.htbin, "--bind", "127.0.0.1", String(place.port)];
}

function version(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return version;
}
