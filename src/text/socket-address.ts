// Where something listens, in one word: `unix:/run/php.sock`, `127.0.0.1:9000`.

type SocketAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** `unix:/run/php.sock`, `127.0.0.1:9000`, `[::1]:9000`, `name:9000`; `undefined` for anything else. */
export function parseSocketAddress(text: string): SocketAddress | undefined {
  if (text.includes("\0")) return undefined;
  if (text.startsWith("unix:")) return text.length > 5 ? { path: text.slice(5) } : undefined;
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) return undefined;
  return { host: (match[1] ?? match[2])!, port };
}
