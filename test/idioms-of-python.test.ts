// What programs for Python's http.server do, as docs/python.md translates it: each piece of code there is one of these.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync } from "node:fs";
import { get } from "node:https";
import type { ListenOptions, Server, Socket } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { json } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { createServer, type TlsOptions } from "node:tls";
import { format } from "node:util";
import {
  BaseHTTPRequestHandler,
  type Handled,
  type HTTPServer,
  type RequestHandlerClass,
  SimpleHTTPRequestHandler,
  ThreadingHTTPServer,
} from "htbin";
import { put, temporaryDirectory } from "./cgi/temporary-directory.ts";

class Extended extends BaseHTTPRequestHandler {
  constructor(...args: ConstructorParameters<typeof BaseHTTPRequestHandler>) {
    super(...args);
    this.responses = { ...this.responses, 299: ["Short", "Long"] };
  }

  do_GET(): void {
    this.sendError(299);
  }
}

class Counting extends ThreadingHTTPServer {
  hits = 0;
}

class Hit extends BaseHTTPRequestHandler {
  declare readonly server: Counting;

  do_GET(): void {
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write(`${++this.server.hits}\n`);
  }
}

const serving = (directory: string) =>
  class extends SimpleHTTPRequestHandler {
    override directory = directory;
  };

type Gets = BaseHTTPRequestHandler & { do_GET(): Handled };

// oxlint-disable-next-line typescript/no-explicit-any
function withKey<Base extends new (...args: any[]) => Gets>(Handler: Base) {
  return class extends Handler {
    override do_GET(): Handled {
      if (this.headers.get("X-Key") !== "sesame") return this.sendError(403);
      return super.do_GET();
    }
  };
}

class Reader extends BaseHTTPRequestHandler {
  async do_POST(): Promise<void> {
    const note = (await json(this.rfile)) as { text: string };
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write(note.text);
  }

  async do_PUT(): Promise<void> {
    const type = this.headers.get("Content-Type", "");
    const body = Readable.toWeb(this.rfile) as ReadableStream<Uint8Array>;
    const form = await new Response(body, { headers: { "Content-Type": type } }).formData();
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write([...form.keys()].join());
  }
}

class Noting extends SimpleHTTPRequestHandler {
  logFile = "access.log";

  override logMessage(text: string, ...args: unknown[]): void {
    const line = `${this.addressString()} [${this.logDateTimeString()}] ${format(text, ...args)}\n`;
    appendFileSync(this.logFile, line);
  }
}

class HTTPSServer extends ThreadingHTTPServer {
  tls: TlsOptions = {};

  protected override serverActivate(listener: Server, options: ListenOptions): void {
    const [accept] = listener.listeners("connection") as [(socket: Socket) => void];
    const secure = createServer({ handshakeTimeout: 10_000, ...this.tls }, accept);
    listener.off("connection", accept).on("connection", (socket) => secure.emit("connection", socket));
    super.serverActivate(listener, options);
  }
}

async function start(
  context: TestContext,
  Handler: RequestHandlerClass,
  server: HTTPServer = new ThreadingHTTPServer(["127.0.0.1", 0], Handler),
): Promise<string> {
  server.log = { write: () => {} };
  await server.listen();
  const ended = server.serveForever();
  context.after(async () => {
    await server.shutdown({ graceMs: 100 });
    await ended;
  });
  return `http://127.0.0.1:${server.serverPort}`;
}

const answer = async (
  url: string,
  init?: RequestInit,
): Promise<[status: number, reason: string, body: string]> => {
  const response = await fetch(url, init);
  return [response.status, response.statusText, await response.text()];
};

describe("the idioms of http.server, as docs/python.md translates them", () => {
  const root = join(import.meta.dirname, "..", "..");

  it("are the code that is tested here", () => {
    const source = readFileSync(join(root, "test", "idioms-of-python.test.ts"), "utf8");
    const manual = readFileSync(join(root, "docs", "python.md"), "utf8");
    const pieces = [...manual.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code!);
    assert.ok(pieces.length >= 6, String(pieces.length));
    for (const piece of pieces) assert.ok(source.includes(piece), piece);
  });

  it("a class attribute that builds on that of the base class", async (t) => {
    assert.equal((await answer(await start(t, Extended)))[1], "Short");
  });

  it("data of the program, kept at the server", async (t) => {
    const url = await start(t, Hit, new Counting(["127.0.0.1", 0], Hit));
    await answer(url);
    assert.equal((await answer(url))[2], "2\n");
  });

  it("functools.partial(Handler, directory=…), and several base classes", async (t) => {
    const directory = temporaryDirectory(t);
    put(directory, "a.txt", "text");
    const url = await start(t, class extends withKey(serving(directory)) {});
    assert.equal((await answer(`${url}/a.txt`))[0], 403);
    assert.equal((await answer(`${url}/a.txt`, { headers: { "X-Key": "sesame" } }))[2], "text");
  });

  it("bodies as JSON, and as a form with files", async (t) => {
    const url = await start(t, Reader);
    assert.equal((await answer(url, { method: "POST", body: '{"text":"milk"}' }))[2], "milk");
    const body = new FormData();
    body.set("name", "Ada");
    body.set("photo", new Blob([new Uint8Array(100_000)]), "ada.jpg");
    assert.equal((await answer(url, { method: "PUT", body }))[2], "name,photo");
  });

  it("a log of one's own", async (t) => {
    const directory = temporaryDirectory(t);
    const logFile = join(directory, "own.log");
    const url = await start(
      t,
      class extends Noting {
        override directory = directory;
        override logFile = logFile;
      },
    );
    await answer(`${url}/missing`);
    assert.match(readFileSync(logFile, "utf8"), /^127\.0\.0\.1 \[.+\] code 404, message File not found\n/);
  });

  it("TLS", async (t) => {
    const directory = temporaryDirectory(t);
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    try {
      const made = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split(" ");
      execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "ignore" });
    } catch {
      return t.skip("openssl is missing");
    }
    const server = new HTTPSServer(["127.0.0.1", 0], Hit);
    Object.assign(server, { hits: 0 });
    server.tls = { key: readFileSync(key), cert: readFileSync(cert) };
    const url = await start(t, Hit, server);
    const request = get(url.replace("http:", "https:"), { rejectUnauthorized: false, agent: false });
    const [response] = (await once(request, "response")) as [Readable];
    assert.equal(String((await response.toArray())[0]), "1\n");
  });
});
