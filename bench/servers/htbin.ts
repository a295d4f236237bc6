// Owns how htbin is started: as a user would, with its access log on stderr, which goes to a file.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { present, type Place, type Server, type Tools } from "./server.ts";

export function htbin(tools: Tools): Server {
  return {
    name: "htbin",
    remark: "access log (stderr) to a file",
    find: () => present(version(tools.root)),
    command: (place) => [...command(tools, place), place.site],
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
