// Owns nginx's configuration: Debian's stock one with one worker, and the same with open_file_cache.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { askProgram } from "../processes.ts";
import { present, type Place, type Server } from "./server.ts";

const STOCK_CONNECTIONS = 768;

interface Changes {
  readonly connections?: number;
  readonly nopush?: "on" | "off";
  readonly extra?: string;
}

export function nginx(): Server {
  return {
    name: "nginx",
    remark: "Debian's stock configuration with 1 worker: sendfile, tcp_nopush, access log to a file",
    package: { from: "debian", name: "nginx" },
    find: () => present(/nginx\/([\d.]+)/.exec(askProgram("nginx", ["-v"]) ?? "")?.[1]),
    command: (place) => start(place, {}),
  };
}

/** Stock nginx has room for 768 connections, and begins to close idle ones when 15 of 16 places are taken. */
export function nginxWithIdle(count: number): Server {
  const connections = Math.ceil(count * 1.2);
  return {
    ...nginx(),
    name: "nginx, more connections",
    remark: `as nginx, with worker_connections ${connections} instead of ${STOCK_CONNECTIONS}`,
    command: (place) => start(place, { connections }),
  };
}

/** For information: with tcp_nopush the end of pipelined answers waits for some 40 ms, like one for a delayed acknowledgement. */
export function nginxWithoutNopush(): Server {
  return {
    ...nginx(),
    name: "nginx, tcp_nopush off",
    remark: "as nginx, but it sends at once; for information",
    command: (place) => start(place, { nopush: "off" }),
  };
}

/** Debian's nginx compresses HTML alone, at level 1. */
export function nginxWithGzip(level: number): Server {
  return {
    ...nginx(),
    name: "nginx, gzip",
    remark: `as nginx, with gzip_types text/plain and gzip_comp_level ${level}`,
    command: (place) => start(place, { extra: `gzip_types text/plain; gzip_comp_level ${level};` }),
  };
}

/** For information: it answers from what the folder held up to a minute ago, which htbin never does. */
export function nginxWithOpenFileCache(): Server {
  return {
    ...nginx(),
    name: "nginx, open_file_cache",
    remark: "as nginx, with open_file_cache: may answer with a file as it was a minute ago; for information",
    command: (place) =>
      start(place, { extra: "open_file_cache max=20000 inactive=60s; open_file_cache_valid 60s;" }),
  };
}

function start(place: Place, changes: Changes): string[] {
  const file = join(place.scratch, "nginx.conf");
  writeFileSync(file, configuration(place, changes));
  return ["nginx", "-c", file, "-e", join(place.scratch, "error.log")];
}

/** The paths are set because the built-in ones belong to the system's nginx, and to root. */
function configuration(
  { site, scratch, port }: Place,
  { connections = STOCK_CONNECTIONS, nopush = "on", extra = "" }: Changes,
): string {
  return `
daemon off;
worker_processes 1;
pid ${scratch}/nginx.pid;
error_log ${scratch}/error.log;
events { worker_connections ${connections}; }
http {
  sendfile on;
  tcp_nopush ${nopush};
  types_hash_max_size 2048;
  types { text/plain txt; application/octet-stream bin; }
  default_type application/octet-stream;
  access_log ${scratch}/access.log;
  gzip on;
  client_body_temp_path ${scratch}/body;
  proxy_temp_path ${scratch}/proxy;
  fastcgi_temp_path ${scratch}/fastcgi;
  uwsgi_temp_path ${scratch}/uwsgi;
  scgi_temp_path ${scratch}/scgi;
  ${extra}
  server {
    listen 127.0.0.1:${port};
    root ${site};
  }
}
`;
}
