// Other file servers, to be asked what htbin is asked: each on a Unix socket, with its defaults.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RawClient } from "../raw-client.ts";

export type JudgeName = "nginx" | "lighttpd";

export interface Judge extends AsyncDisposable {
  /** The path of its socket. */
  readonly socket: string;
}

/** Why it cannot be asked; `false` if it can. */
export function withoutJudge(name: JudgeName): string | false {
  if (process.platform === "win32") return "no Unix sockets of this kind on Windows";
  return spawnSync(name, ["-v"]).error === undefined ? false : `${name} is not installed`;
}

/** @param scratch for its configuration, socket and logs; not below `root` */
export async function startJudge(name: JudgeName, root: string, scratch: string): Promise<Judge> {
  const place = join(scratch, name);
  mkdirSync(place);
  const socket = join(place, "s");
  const file = join(place, "conf");
  writeFileSync(file, CONFIGURATIONS[name](root, place, socket));
  const log = openSync(join(place, "log"), "w");
  const args = name === "nginx" ? ["-c", file, "-e", join(place, "error.log")] : ["-D", "-f", file];
  const child = spawn(name, args, { stdio: ["ignore", log, log] });
  await untilReachable(socket, child, join(place, "log"));
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

const CONFIGURATIONS: Readonly<Record<JudgeName, (root: string, place: string, socket: string) => string>> = {
  nginx: (root, place, socket) => `
daemon off;
master_process off;
pid ${place}/pid;
error_log ${place}/error.log;
events {}
http {
  access_log off;
  types { text/plain txt; }
  default_type application/octet-stream;
  client_body_temp_path ${place}/body;
  proxy_temp_path ${place}/proxy;
  fastcgi_temp_path ${place}/fastcgi;
  uwsgi_temp_path ${place}/uwsgi;
  scgi_temp_path ${place}/scgi;
  server {
    listen unix:${socket};
    root ${root};
  }
}
`,
  lighttpd: (root, place, socket) => `
server.modules = ( "mod_staticfile" )
server.bind = "${socket}"
server.document-root = "${root}"
server.errorlog = "${place}/error.log"
mimetype.assign = ( ".txt" => "text/plain", "" => "application/octet-stream" )
`,
};

/** A program that was not written for this test tells nobody when it listens. */
async function untilReachable(socket: string, child: ChildProcess, log: string): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      (await RawClient.connect(socket)).socket.destroy();
      return;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > end) {
        child.kill();
        throw new Error(`not reachable: ${readFileSync(log, "utf8")}`, { cause: error });
      }
      await delay(10);
    }
  }
}
