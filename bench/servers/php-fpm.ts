// Owns php-fpm, and how htbin and nginx ask it: each of them starts one of its own, with the same processes, on its own core.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { askProgram } from "../processes.ts";
import type { Content } from "../site.ts";
import { htbin } from "./htbin.ts";
import { nginx } from "./nginx.ts";
import { present, type Place, type Server, type Tools } from "./server.ts";

/** More than connections of the load, so that no request waits for a process that is kept by another connection. */
const CHILDREN = 40;

const PACKAGE = { from: "debian", name: "php-fpm" } as const;

/** The shortest page: what remains is the way to PHP and back. */
export function phpScript(name: string): Content {
  const text = "Hello from PHP.\n";
  return {
    path: `/${name}`,
    create(site) {
      if (findPhpFpm() === undefined) return Promise.reject(new Error("php-fpm is not installed"));
      writeFileSync(join(site, name), `<?php header("Content-Type: text/plain"); echo "${text.trim()}\\n";`, {
        mode: 0o644,
      });
      const sha256 = createHash("sha256").update(text).digest("hex");
      return Promise.resolve({ path: `/${name}`, status: 200, sha256, size: text.length });
    },
  };
}

export function htbinWithPhpFpm(tools: Tools): Server {
  const server = htbin(tools);
  return {
    ...server,
    name: "htbin --fastcgi",
    remark: `as htbin, with a php-fpm of ${CHILDREN} processes on the same core; connections are kept`,
    package: PACKAGE,
    find: () => (findPhpFpm() === undefined ? present(undefined) : server.find()),
    command: (place) => {
      const { words, socket } = phpFpm(place);
      const [node, file, ...others] = server.command(place);
      return withPhpFpm(words, socket, [node!, file!, "--fastcgi", `.php=unix:${socket}`, ...others]);
    },
  };
}

export function nginxWithPhpFpm(): Server {
  const server = nginx();
  return {
    ...server,
    name: "nginx, fastcgi_pass",
    remark: `as nginx, with a php-fpm of ${CHILDREN} processes on the same core; a connection for each request, as stock`,
    find: () => (findPhpFpm() === undefined ? present(undefined) : server.find()),
    command: (place) => {
      const { words, socket } = phpFpm(place);
      const file = join(place.scratch, "nginx.conf");
      writeFileSync(file, nginxConfiguration(place, socket));
      return withPhpFpm(words, socket, ["nginx", "-c", file, "-e", join(place.scratch, "error.log")]);
    },
  };
}

/** Debian puts the version into the command's name. */
function findPhpFpm(): string | undefined {
  const folder = "/usr/sbin";
  const name = existsSync(folder)
    ? readdirSync(folder).find((each) => /^php-fpm[\d.]*$/.test(each))
    : undefined;
  const command = name === undefined ? "php-fpm" : join(folder, name);
  return askProgram(command, ["-v"]) === undefined ? undefined : command;
}

function phpFpm({ scratch }: Place): { readonly words: readonly string[]; readonly socket: string } {
  const socket = join(scratch, "php.sock");
  const configuration = join(scratch, "php-fpm.conf");
  const isRoot = process.getuid?.() === 0;
  const lines = [
    "[global]",
    `error_log = ${join(scratch, "php-fpm.log")}`,
    "daemonize = no",
    "[www]",
    ...(isRoot ? ["user = nobody", "group = nogroup"] : []),
    `listen = ${socket}`,
    "listen.mode = 0666",
    "pm = static",
    `pm.max_children = ${CHILDREN}`,
  ];
  writeFileSync(configuration, lines.join("\n"));
  return { words: [findPhpFpm() ?? "php-fpm", "--nodaemonize", "-n", "--fpm-config", configuration], socket };
}

/** php-fpm leaves the process group, so a shell stays and ends both; the server comes when its application is there. */
function withPhpFpm(fpm: readonly string[], socket: string, server: readonly string[]): string[] {
  const script = `
    fpm=$1 socket=$2
    shift 2
    sh -c "exec $fpm" &
    application=$!
    trap 'kill $server $application; wait; exit 0' TERM
    until [ -S "$socket" ]; do sleep 0.02; done
    "$@" &
    server=$!
    wait $server
    kill $application
    wait`;
  return ["sh", "-c", script, "sh", fpm.join(" "), socket, ...server];
}

function nginxConfiguration({ site, scratch, port }: Place, socket: string): string {
  return `
daemon off;
worker_processes 1;
pid ${scratch}/nginx.pid;
error_log ${scratch}/error.log;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  default_type application/octet-stream;
  access_log ${scratch}/access.log;
  client_body_temp_path ${scratch}/body;
  proxy_temp_path ${scratch}/proxy;
  fastcgi_temp_path ${scratch}/fastcgi;
  uwsgi_temp_path ${scratch}/uwsgi;
  scgi_temp_path ${scratch}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${site};
    location ~ \\.php$ {
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_pass unix:${socket};
    }
  }
}
`;
}
