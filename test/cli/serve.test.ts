import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { serve } from "../../src/cli/serve.ts";
import type { ServeOptions } from "../../src/cli/serve-options.ts";
import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import type { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";

let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "htbin-serve-"));
  await writeFile(join(folder, "hello.txt"), "hello\n");
  await writeFile(join(folder, ".dot"), "dot\n");
  await writeFile(join(folder, "blob.xyzzy"), "blob\n");
});
after(() => rm(folder, { recursive: true, force: true }));

/** Serves without a word on stdout or in the log. */
function start(options: ServeOptions): Promise<ThreadingHTTPServer> {
  return serve({ port: 0, bind: "127.0.0.1", banner: false, quiet: true, ...options });
}

function ask(server: ThreadingHTTPServer, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.serverPort}${path}`, { headers: { connection: "close" } });
}

class Silent extends SimpleHTTPRequestHandler {
  override directory = folder;
  override logMessage(): void {}
}

class Hello extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.sendHeader("X-Protocol", this.protocolVersion);
    this.endHeaders();
    this.wfile.end("hello from a handler\n");
  }
}

describe("serve", () => {
  it("resolves to a server that serves, with its real port", async () => {
    await using server = await start({ directory: folder });
    assert.ok(server.serverPort > 0);
    assert.equal(await (await ask(server, "/hello.txt")).text(), "hello\n");
  });

  it("lets one wait for its end", async () => {
    const server = await start({ directory: folder });
    const ended = server.serveForever();
    await server.shutdown();
    await ended;
  });

  it("sets what the options say on each handler", async () => {
    const headers = [["X-One", "1"]] as const;
    await using server = await start({
      directory: folder,
      headers,
      dotfiles: true,
      contentType: "text/x-test",
    });
    assert.equal(await (await ask(server, "/.dot")).text(), "dot\n");
    const response = await ask(server, "/blob.xyzzy");
    assert.equal(response.headers.get("content-type"), "text/x-test");
    assert.equal(response.headers.get("x-one"), "1");
  });

  it("keeps what a class given by hand sets itself, unless an option says otherwise", async () => {
    await using server = await start({ handlerClass: Silent });
    assert.equal((await ask(server, "/hello.txt")).status, 200);
    await using other = await start({ handlerClass: Silent, directory: tmpdir() });
    assert.equal((await ask(other, "/hello.txt")).status, 404);
  });

  it("takes a handler that serves no files", async () => {
    await using server = await start({ handlerClass: Hello, protocol: "HTTP/1.1" });
    const response = await ask(server, "/");
    assert.equal(response.headers.get("x-protocol"), "HTTP/1.1");
    assert.equal(await response.text(), "hello from a handler\n");
  });

  it("refuses an option that the class has no use for", async () => {
    await assert.rejects(start({ handlerClass: Hello, directory: folder }), {
      code: "ERR_START_OPTION",
      message:
        "directory means nothing to Hello; derive that from SimpleHTTPRequestHandler, or leave directory out",
    });
    await assert.rejects(start({ handlerClass: Silent, cgi: true }), { code: "ERR_START_OPTION" });
    await using server = await start({ handlerClass: CGIHTTPRequestHandler, cgi: true, directory: folder });
    assert.equal((await ask(server, "/hello.txt")).status, 200);
  });

  it("logs to a file, which holds everything when the server has ended", async () => {
    const logFile = join(folder, "log");
    const server = await start({ directory: folder, logFile, logFormat: "json" });
    await (await ask(server, "/hello.txt")).text();
    await server.shutdown();
    const { target, status, bytes } = JSON.parse(await readFile(logFile, "utf8")) as Record<string, unknown>;
    assert.deepEqual([target, status, bytes], ["/hello.txt", 200, 6]);
  });

  it("logs the errors of the server in the form of the log, too", async () => {
    class Broken extends BaseHTTPRequestHandler {
      do_GET(): void {
        throw new Error("broken");
      }
    }
    const logFile = join(folder, "errors");
    const server = await start({ handlerClass: Broken, logFile, logFormat: "json" });
    assert.equal((await ask(server, "/")).status, 500);
    await server.shutdown();
    const lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
    const levels = lines.map((line) => (JSON.parse(line) as Record<string, unknown>)["level"]);
    assert.deepEqual(levels, ["error", "error", "info"]);
    assert.match(lines[0]!, /Exception while handling a request from 127\.0\.0\.1: Error: broken\\n {4}at /);
  });

  it("closes the log file when it cannot listen, and leaves no listener behind", async () => {
    await using server = await start({ directory: folder });
    const listeners = process.listenerCount("exit");
    const logFile = join(folder, "unused");
    await assert.rejects(start({ directory: folder, port: server.serverPort, logFile }), {
      code: "EADDRINUSE",
    });
    assert.equal(process.listenerCount("exit"), listeners);
  });

  it("rejects with a StartError for a log file that cannot be opened", async () => {
    for (const [logFile, message] of [
      [folder, /: it is a folder; name a file in it$/],
      [join(folder, "hello.txt", "log"), /: there is no such folder; create it or choose another$/],
    ] as const) {
      await assert.rejects(start({ directory: folder, logFile }), { code: "ERR_START_LOG_FILE", message });
    }
  });

  it("lets one log elsewhere", async () => {
    const entries: string[] = [];
    await using server = await start({ directory: folder, quiet: false });
    server.log = { write: (entry) => entries.push(entry) };
    await (await ask(server, "/hello.txt")).text();
    assert.match(entries.join(""), /^127\.0\.0\.1 - - \[.*\] "GET \/hello\.txt HTTP\/1\.1" 200 6\n$/);
  });

  it("refuses a class that is no handler", async () => {
    const options = { handlerClass: Map as unknown as typeof BaseHTTPRequestHandler };
    await assert.rejects(start(options), { code: "ERR_START_OPTION", message: /has to extend/ });
  });

  it("rejects with a StartError for what is wrong, before it listens", async () => {
    await assert.rejects(start({ port: 65536 }), { name: "StartError", code: "ERR_START_OPTION" });
    await assert.rejects(start({ directory: join(folder, "missing") }), {
      code: "ERR_START_DIRECTORY_MISSING",
    });
    await assert.rejects(start({ directory: join(folder, "hello.txt") }), {
      code: "ERR_START_DIRECTORY_IS_FILE",
    });
  });

  it("rejects with the system's error where it cannot listen", async () => {
    await using server = await start({ directory: folder });
    await assert.rejects(start({ directory: folder, port: server.serverPort }), { code: "EADDRINUSE" });
  });

  it("loads what runs scripts only where scripts are asked for: the others start faster without it", async () => {
    const module = new URL("../../src/cli/serve.js", import.meta.url).href;
    const loader = `export function load(url, context, next) {
      if (url.includes("/src/cgi/")) throw new Error("CGI is loaded");
      return next(url, context);
    }`;
    const program = `
      import { register } from "node:module";
      register("data:text/javascript,${encodeURIComponent(loader)}");
      const { serve } = await import(${JSON.stringify(module)});
      const options = { directory: ${JSON.stringify(folder)}, port: 0, bind: "127.0.0.1", banner: false, quiet: true };
      const server = await serve(options);
      const response = await fetch("http://127.0.0.1:" + server.serverPort + "/hello.txt");
      console.log(await response.text());
      await server.shutdown();
      await serve({ ...options, cgi: true }).catch((error) => console.log(error.message));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
    assert.equal(stdout, "hello\n\nCGI is loaded\n");
  });
});
