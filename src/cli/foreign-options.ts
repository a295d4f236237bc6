// Options that fingers know from other servers, and what does the same here.

const PORT = "the port is a word of its own, as in htbin 8080";
const FOLDER = "the folder is a word of its own, as in htbin public";
const TLS = "htbin speaks no TLS; put a proxy in front, as docs/proxies.md shows";
const COMPRESSED = "text is compressed anyway, unless --no-compress is given";

/**
 * What to do instead: a clause. The names are those of http-server, serve, sirv, Vite, PHP, caddy and
 * busybox.
 */
const ADVICE: Readonly<Record<string, string>> = {
  port: PORT,
  P: PORT,
  listen: `${PORT}; an address goes behind --bind`,
  l: `${PORT}; an address goes behind --bind`,
  address: "write --bind ADDRESS",
  a: "write --bind ADDRESS",
  ip: "write --bind ADDRESS",
  root: FOLDER,
  folder: FOLDER,
  path: FOLDER,
  t: FOLDER,
  silent: "write --quiet",
  spa: "write --single",
  fallback: "write --single",
  gzip: COMPRESSED,
  g: COMPRESSED,
  brotli: COMPRESSED,
  tls: TLS,
  ssl: TLS,
  https: TLS,
  cert: TLS,
  key: TLS,
  S: TLS,
  C: TLS,
  K: TLS,
  user: "write --auth USER:PASSWORD",
  username: "write --auth USER:PASSWORD",
  password: "write --auth USER:PASSWORD",
  "max-age": "write --cache SECONDS",
  maxage: "write --cache SECONDS",
  c: "write --cache SECONDS",
  index: "index.html is sent for its folder anyway",
  debug: "write --cgi-debug to see why a script fails",
  verbose: "every request is logged anyway, unless --quiet is given",
  symlinks: "write --follow-symlinks",
  V: "write --version",
  "?": "write --help",
};

export function adviceOnForeignOption(name: string): string | undefined {
  return Object.hasOwn(ADVICE, name) ? ADVICE[name] : undefined;
}
