// Owns htbin as a host of scripts: by both roads that start them, on all cores, and beside much memory.

import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { htbin, htbinWithCgi } from "./htbin.ts";
import type { Server, Tools } from "./server.ts";

type Road = "posix_spawn" | "child_process";

/** The road that is taken where koffi is not installed. */
export function htbinByChildProcess(tools: Tools): Server {
  return {
    ...htbinWithCgi(tools),
    name: "htbin --cgi, child_process",
    remark: "scripts started by Node's own means, as without koffi",
    command: (place) => ["env", ...variable("child_process"), ...htbinWithCgi(tools).command(place)],
  };
}

/** The load generator's core as well: what is measured is whether the server waits, not who gets the one core. */
export function onAllCores(server: Server, name: string): Server {
  return { ...server, name, command: (place) => ["taskset", "-c", "0-1023", ...server.command(place)] };
}

/** A program with `serve()` that keeps so much memory, all of it written to. */
export function htbinHolding(tools: Tools, mebibytes: number, road: Road): Server {
  return {
    ...htbin(tools),
    name: `htbin, ${mebibytes} MiB, ${road}`,
    remark: `serve() in a program that holds ${mebibytes} MiB`,
    command({ site, scratch, port }) {
      const file = join(scratch, "program.mjs");
      const library = pathToFileURL(join(dirname(tools.htbin), "..", "dist", "index.js")).href;
      const user = process.getuid?.() === 0 ? { cgiUser: "root" } : {};
      const options = { port, bind: "127.0.0.1", directory: site, cgi: true, ...user };
      writeFileSync(
        file,
        `import { serve } from ${JSON.stringify(library)};
globalThis.held = Buffer.alloc(${mebibytes} * 2 ** 20, 1);
await serve(${JSON.stringify(options)});
`,
      );
      return ["env", ...variable(road), tools.node, file];
    },
  };
}

function variable(road: Road): string[] {
  return road === "child_process" ? ["HTBIN_CGI_START=child_process"] : [];
}
