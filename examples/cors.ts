// Files that pages of other sites may fetch: `endHeaders()` is overridden, and so every response has the field.
//
//   npm run build -- --all && node build/examples/cors.js 8000 public
//   curl --include http://127.0.0.1:8000/data.json

import { resolve } from "node:path";
import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "htbin";

class CORSHandler extends SimpleHTTPRequestHandler {
  override directory = resolve(process.argv[3] ?? ".");

  // Every response passes here: files, listings, redirects, 304, errors.
  override endHeaders(): void {
    this.sendHeader("Access-Control-Allow-Origin", "*");
    super.endHeaders();
  }

  // What a browser asks before it sends a request that a plain link could not (the preflight).
  override do_OPTIONS(): void {
    this.sendResponse(204);
    this.sendHeader("Allow", this.allowedMethods());
    this.sendHeader("Access-Control-Allow-Methods", "GET, HEAD");
    this.sendHeader("Access-Control-Allow-Headers", "*");
    this.sendHeader("Access-Control-Max-Age", 600);
    this.endHeaders();
  }
}

const port = Number(process.argv[2] ?? process.env["PORT"] ?? 8000);
const server = new ThreadingHTTPServer(["127.0.0.1", port], CORSHandler);
process.once("SIGINT", () => void server.shutdown());
process.once("SIGTERM", () => void server.shutdown());

await server.listen();
console.log(`http://127.0.0.1:${server.serverPort}/`);
await server.serveForever();
