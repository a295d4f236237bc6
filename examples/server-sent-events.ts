// Server-sent events: a clock that ticks in the browser. Each client gets a stream that ends when it leaves.
//
//   npm run build -- --all && node build/examples/server-sent-events.js 8000
//   curl --no-buffer http://127.0.0.1:8000/clock

import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "htbin";

const PAGE = `<!DOCTYPE html><title>Clock</title><h1>…</h1><script>
new EventSource("/clock").onmessage = (event) => (document.querySelector("h1").textContent = event.data);
</script>`;

const stopping = new AbortController();

class ClockHandler extends BaseHTTPRequestHandler {
  override protocolVersion = "HTTP/1.1";

  async do_GET(): Promise<void> {
    const isClock = this.path === "/clock";
    if (!isClock && this.path !== "/") return this.sendError(404);
    this.sendResponse(200);
    this.sendHeader("Content-Type", isClock ? "text/event-stream" : "text/html; charset=utf-8");
    this.sendHeader("Cache-Control", "no-store");
    this.endHeaders();
    // `signal` is aborted when the client goes away; the pipeline waits for a slow client.
    const end = AbortSignal.any([this.signal, stopping.signal]);
    await pipeline(isClock ? ticks(end) : [PAGE], this.wfile);
  }
}

async function* ticks(end: AbortSignal): AsyncGenerator<string> {
  for (let id = 1; !end.aborted; id++) {
    yield `id: ${id}\ndata: ${new Date().toISOString()}\n\n`;
    await delay(1000, undefined, { signal: end }).catch(() => {});
  }
}

const stop = (): void => {
  stopping.abort(); // these responses have no end of their own, and `shutdown()` waits for running ones
  void server.shutdown();
};
const port = Number(process.argv[2] ?? process.env["PORT"] ?? 8000);
const server = new ThreadingHTTPServer(["127.0.0.1", port], ClockHandler);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
await server.listen();
console.log(`http://127.0.0.1:${server.serverPort}/`);
await server.serveForever();
