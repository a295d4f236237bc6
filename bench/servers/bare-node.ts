// Owns the yardstick for start and memory: the smallest node:http server there is, answering from memory, without a log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { present, type Server, type Tools } from "./server.ts";

export function bareNode(tools: Tools, path: string): Server {
  return {
    name: "bare node:http",
    remark:
      "ten lines that answer everything with one file, read once; no log; idle connections stay 60 s; for information",
    find: () => present(tools.nodeVersion),
    command({ site, scratch, port }) {
      const program = join(scratch, "bare.mjs");
      writeFileSync(program, source(join(site, path), port));
      return [tools.node, program];
    },
  };
}

function source(file: string, port: number): string {
  return `
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
const body = readFileSync(${JSON.stringify(file)});
createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": body.length });
  response.end(body);
}).listen(${port}, "127.0.0.1");
`;
}
