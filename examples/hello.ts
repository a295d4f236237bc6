// A handler of your own, on the base class alone: it greets whoever is named in the path.
//
//   npm run build -- --all && node build/examples/hello.js 8000
//   curl http://127.0.0.1:8000/Ada

import { BaseHTTPRequestHandler, HTTPRequestError, ThreadingHTTPServer } from "htbin";

class HelloHandler extends BaseHTTPRequestHandler {
  // The base class closes after each response; this one gives a Content-Length, so connections can persist.
  override protocolVersion = "HTTP/1.1";

  do_GET(): void {
    const body = Buffer.from(`Hello, ${this.#name()}!\n`);
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain; charset=utf-8");
    this.sendHeader("Content-Length", body.length);
    this.endHeaders();
    this.wfile.write(body); // sent to GET, and not to HEAD
  }

  do_HEAD(): void {
    this.do_GET();
  }

  #name(): string {
    const [path = ""] = this.path.split("?");
    try {
      return decodeURIComponent(path.slice(1)) || "world";
    } catch {
      throw new HTTPRequestError(400, "Bad percent-encoding in path");
    }
  }
}

const port = Number(process.argv[2] ?? process.env["PORT"] ?? 8000);
const server = new ThreadingHTTPServer(["127.0.0.1", port], HelloHandler);
process.once("SIGINT", () => void server.shutdown());
process.once("SIGTERM", () => void server.shutdown());

await server.listen();
console.log(`http://127.0.0.1:${server.serverPort}/`);
await server.serveForever();
