import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { formatMessage } from "../../src/log/format-message.ts";
import type { LogFormat } from "../../src/log/log-format.ts";
import type { RequestHandlerClass } from "../../src/server/tcp-server.ts";
import { makeFed } from "./fed.ts";

const GET =
  'GET /a"b HTTP/1.1\r\nHost: localhost\r\nReferer: http://localhost/\r\nUser-Agent: test/1\r\n\r\n';
const LOG_DATE = String.raw`\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d`;
const COMMON_DATE = String.raw`\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}`;

type HandlerClass = new (...args: ConstructorParameters<RequestHandlerClass>) => BaseHTTPRequestHandler;

class Hello extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write("hello");
  }
  do_FAIL(): void {
    this.sendError(404);
  }
}

/** Handles some requests, and returns what goes to the log of the server. */
async function logged(
  Handler: HandlerClass,
  { input = GET, serverFormat }: { input?: string; serverFormat?: LogFormat } = {},
): Promise<string[]> {
  const entries: string[] = [];
  class Here extends Handler {
    constructor(...[request, clientAddress, server]: ConstructorParameters<RequestHandlerClass>) {
      Object.assign(server as object, {
        log: { write: (entry: string) => entries.push(entry) },
        ...(serverFormat !== undefined && { logFormat: serverFormat }),
      });
      super(request, clientAddress, server);
    }
  }
  const { socket, handler } = makeFed(Here);
  socket.push(Buffer.from(input, "latin1"));
  socket.push(null);
  await handler.run();
  return entries;
}

/** The one line there is. */
async function line(...args: Parameters<typeof logged>): Promise<string> {
  const entries = await logged(...args);
  assert.equal(entries.length, 1, entries.join(""));
  return entries[0]!;
}

describe("logFormat", () => {
  it("is the form of the original by default", async () => {
    const form = new RegExp(String.raw`^192\.0\.2\.7 - - \[${LOG_DATE}\] "GET /a"b HTTP/1\.1" 200 5\n$`);
    assert.match(await line(Hello), form);
  });

  it("common has the zone, and no quote within the quotes", async () => {
    class Common extends Hello {
      override logFormat = "common" as const;
    }
    const form = String.raw`^192\.0\.2\.7 - - \[${COMMON_DATE}\] "GET /a\\x22b HTTP/1\.1" 200 5`;
    assert.match(await line(Common), new RegExp(`${form}\n$`));
  });

  it("combined has Referer and User-Agent", async () => {
    class Combined extends Hello {
      override logFormat = "combined" as const;
    }
    assert.match(
      await line(Combined),
      /^192\.0\.2\.7 - - \[.*\] "GET \/a\\x22b HTTP\/1\.1" 200 5 "http:\/\/localhost\/" "test\/1"\n$/,
    );
  });

  it("json has an object for requests, for errors and for what a handler says", async () => {
    class Json extends Hello {
      override logFormat = "json" as const;
      override do_FAIL(): void {
        this.logMessage("about to %s", "fail");
        this.sendError(404, "No \x1b here");
      }
    }
    const input = "FAIL / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const objects = (await logged(Json, { input })).map((entry) => {
      assert.equal(entry.indexOf("\n"), entry.length - 1);
      return JSON.parse(entry) as Record<string, unknown>;
    });
    assert.deepEqual(
      objects.map(({ level, message, method, status }) => ({ level, message, method, status })),
      [
        { level: "info", message: "about to fail", method: undefined, status: undefined },
        {
          level: "error",
          message: "code 404, message No \x1b here",
          method: undefined,
          status: undefined,
        },
        { level: "info", message: undefined, method: "FAIL", status: 404 },
      ],
    );
    const { duration, bytes, remote } = objects[2]!;
    assert.ok(typeof duration === "number" && duration >= 0 && duration < 60_000, String(duration));
    assert.ok(typeof bytes === "number" && bytes > 0);
    assert.equal(remote, "192.0.2.7");
  });

  it("json tells of a request that could not be read", async () => {
    const [error, request] = (
      await logged(Hello, { input: "\x15\x03\x01\r\n\r\n", serverFormat: "json" })
    ).map((entry) => JSON.parse(entry) as Record<string, unknown>);
    assert.equal(error!["level"], "error");
    assert.deepEqual([request!["target"], request!["status"]], ["\x15\x03\x01", 400]);
  });

  it("is that of the server unless the class sets its own", async () => {
    assert.match(await line(Hello, { serverFormat: "combined" }), /"test\/1"\n$/);
    class Common extends Hello {
      override logFormat: LogFormat = "common";
    }
    assert.match(await line(Common, { serverFormat: "json" }), / 200 5\n$/);
  });
});

describe("overrides of the log methods", () => {
  const FORMATS: readonly LogFormat[] = ["python", "common", "combined", "json"];

  it("logMessage() sees everything, as text, in every form", async () => {
    for (const logFormat of FORMATS) {
      const texts: string[] = [];
      class Own extends Hello {
        override logFormat = logFormat;
        override logMessage(format: string, ...args: unknown[]): void {
          texts.push(formatMessage(format, args));
        }
      }
      assert.deepEqual(await logged(Own, { input: `${GET}FAIL / HTTP/1.1\r\nHost: localhost\r\n\r\n` }), []);
      assert.deepEqual(texts.slice(0, 1), ['"GET /a"b HTTP/1.1" 200 5'], logFormat);
    }
  });

  it("logMessage() may look at what is logged and leave the rest to the base class", async () => {
    class Secretive extends Hello {
      override logFormat: LogFormat = "json";
      override logMessage(format: string, ...args: unknown[]): void {
        super.logMessage(format, ...args.map((arg) => String(arg).replace("a", "***")));
      }
    }
    assert.equal((JSON.parse(await line(Secretive)) as Record<string, unknown>)["target"], '/***"b');
    class Marked extends Hello {
      override logFormat: LogFormat = "json";
      override logMessage(format: string, ...args: unknown[]): void {
        super.logMessage(`[site] ${format}`, ...args);
      }
    }
    const { message } = JSON.parse(await line(Marked)) as Record<string, unknown>;
    assert.equal(message, '[site] "GET /a"b HTTP/1.1" 200 5');
  });

  it("logRequest() may be silent, or write as the original does", async () => {
    class Silent extends Hello {
      override logRequest(): void {}
    }
    assert.deepEqual(await logged(Silent), []);
    class Rewritten extends Hello {
      override logFormat: LogFormat = "combined";
      override logRequest(code?: number | string, size?: number | string): void {
        this.logMessage('"%s" %s %s', "GET /rewritten HTTP/1.1", code, size);
      }
    }
    assert.match(await line(Rewritten), /\] "GET \/rewritten HTTP\/1\.1" 200 5 "http:/);
  });

  it("an override of logRequest() cannot begin a line either, whatever it gives for a code", async () => {
    class Odd extends Hello {
      override logRequest(): void {
        super.logRequest("2\n00", "\u001b[2J");
      }
    }
    assert.match(await line(Odd), /" 2\\x0a00 \\x1b\[2J\n$/);
  });

  it("logError() decides about errors alone", async () => {
    class NoErrors extends Hello {
      override logError(): void {}
    }
    assert.match(
      await line(NoErrors, { input: "FAIL / HTTP/1.1\r\nHost: localhost\r\n\r\n" }),
      /"FAIL \/ HTTP\/1\.1" 404 \d+\n$/,
    );
  });

  it("an error in logMessage() leaves the next message what it is", async () => {
    let failures = 1;
    class Failing extends Hello {
      override logFormat: LogFormat = "json";
      override logMessage(format: string, ...args: unknown[]): void {
        if (failures-- > 0) throw new Error("full");
        super.logMessage(format, ...args);
      }
      override do_GET(): void {
        assert.throws(() => this.logError("lost"));
        this.logMessage("kept");
        super.do_GET();
      }
    }
    const [kept] = await logged(Failing);
    assert.equal((JSON.parse(kept!) as Record<string, unknown>)["level"], "info");
  });

  it("addressString() and remoteUser() may come from the client, and forge nothing", async () => {
    class Proxied extends Hello {
      override addressString(): string {
        return "192.0.2.9 \x9b\n";
      }
      override remoteUser(): string {
        return 'ada "x"';
      }
    }
    assert.match(await line(Proxied), /^192\.0\.2\.9 \\x9b\\x0a - - \[/);
    class Common extends Proxied {
      override logFormat: LogFormat = "common";
    }
    assert.match(await line(Common), /^192\.0\.2\.9\\x20\\x9b\\x0a - ada\\x20\\x22x\\x22 \[/);
    class Json extends Proxied {
      override logFormat: LogFormat = "json";
    }
    assert.equal((JSON.parse(await line(Json)) as Record<string, unknown>)["user"], 'ada "x"');
  });
});
