// Errors of handlers: what the client gets, what the log gets, and what becomes of the connection.

import assert from "node:assert/strict";
import { finished } from "node:stream/promises";
import { describe, it } from "node:test";
import { ConnectionLostError, HTTPRequestError, ResponseOrderError } from "../../src/errors.ts";
import { RESPONSES } from "../../src/status.ts";
import { parseResponses } from "../raw-client.ts";
import { serving, TestHandler } from "../server/serving.ts";
import { feed } from "./fed.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** A handler whose do_GET is this. */
function getting(action: (handler: Open) => unknown): typeof Open {
  return class extends Open {
    do_GET(): unknown {
      return action(this);
    }
  };
}

class Open extends TestHandler {
  declare writeBody: (chunk: string | Uint8Array) => void;
  override answer(body: string, status?: number, fields?: Readonly<Record<string, string>>): void {
    super.answer(body, status, fields);
  }
}

function statuses(output: string): number[] {
  return parseResponses(output).map(({ status }) => status);
}

describe("a handler that throws", () => {
  it("before the head: 500, told to handleError once, and the connection goes on", async () => {
    const failure = new Error("inner detail /etc/secret");
    const { output, errors, log } = await feed(
      getting(() => {
        throw failure;
      }),
      GET + GET,
    );
    assert.deepEqual(statuses(output), [500, 500]);
    assert.doesNotMatch(output, /inner detail/, "no inner detail for the client");
    assert.deepEqual(errors, [failure, failure]);
    assert.deepEqual(
      log.slice(0, 2).map((line) => line.replace(/\d+$/, "N")),
      ["code 500, message Internal Server Error", '"GET / HTTP/1.1" 500 N'],
    );
  });

  it("asynchronously: the same", async () => {
    const { output, errors } = await feed(
      getting(async () => {
        await Promise.resolve();
        throw new Error("later");
      }),
      GET,
    );
    assert.deepEqual(statuses(output), [500]);
    assert.equal(errors.length, 1);
  });

  it("something that is no Error: the same", async () => {
    const { output, errors } = await feed(
      getting(async () => Promise.reject("a string")), // oxlint-disable-line typescript/prefer-promise-reject-errors
      GET,
    );
    assert.deepEqual(statuses(output), [500]);
    assert.deepEqual(errors, ["a string"]);
  });

  it("with a head half put together: none of its fields is in the 500", async () => {
    const { output } = await feed(
      getting((handler) => {
        handler.sendResponse(200);
        handler.sendHeader("Content-Length", 3);
        handler.sendHeader("Set-Cookie", "secret");
        throw new Error("half");
      }),
      GET,
    );
    const [response] = parseResponses(output);
    assert.equal(response!.status, 500);
    assert.equal(response!.get("set-cookie"), undefined);
    assert.equal(response!.body.length, Number(response!.get("content-length")));
  });

  it("after the head: the body is visibly cut, and no second response follows", async () => {
    const { output, errors, log } = await feed(
      getting((handler) => {
        handler.sendResponse(200);
        handler.endHeaders();
        handler.wfile.write("part");
        throw new Error("too late");
      }),
      GET + GET,
    );
    assert.equal(output.match(/HTTP\/1\.1/g)?.length, 1);
    assert.ok(output.endsWith("\r\n\r\n4\r\npart\r\n"), "no last chunk");
    assert.equal(errors.length, 1);
    assert.deepEqual(log, ["response cut: the handler failed", '"GET / HTTP/1.1" 200 4']);
  });

  it("after the head of a response that ends by close: the client sees a reset (RFC 9112 §8)", async (t) => {
    class Old extends TestHandler {
      override protocolVersion = "HTTP/1.0";
      async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        this.wfile.write("part");
        this.request.flush();
        await new Promise<void>((resolve) => (goOn = resolve));
        throw new Error("too late");
      }
    }
    let goOn = (): void => {};
    const { connect } = await serving(t, Old);
    const client = await connect();
    await client.send("GET / HTTP/1.0\r\n\r\n").untilText("part");
    goOn();
    await client.until(() => client.isClosed, "close");
    assert.equal(client.errorCode, "ECONNRESET");
  });

  it("HTTPRequestError: an error response with its status, message and explanation", async () => {
    const { output, errors, log } = await feed(
      getting(() => {
        throw new HTTPRequestError(422, "No such colour", "Colours are <red> & blue.");
      }),
      GET + GET,
    );
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status, reason }) => [status, reason]),
      [
        [422, "No such colour"],
        [422, "No such colour"],
      ],
    );
    assert.match(responses[0]!.body.toString(), /Colours are &lt;red&gt; &amp; blue\./);
    assert.deepEqual(errors, []);
    assert.equal(log[0], "code 422, message No such colour");
  });

  it("HTTPRequestError with a small body unread: the body is dropped, and the next request is answered", async () => {
    class Refusing extends Open {
      do_POST(): void {
        throw new HTTPRequestError(404, "No such note");
      }
      do_GET(): void {
        this.answer("next");
      }
    }
    const { output } = await feed(
      Refusing,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${GET.length}\r\n\r\n${GET}${GET}`,
    );
    assert.deepEqual(statuses(output), [404, 200]);
    assert.doesNotMatch(output, /Connection: close/);
  });

  it("HTTPRequestError after the head: cut, and its message is in the log", async () => {
    const { output, log } = await feed(
      getting((handler) => {
        handler.sendResponse(200);
        handler.endHeaders();
        handler.wfile.write("part");
        throw new HTTPRequestError(422, "No such colour");
      }),
      GET,
    );
    assert.deepEqual(output.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200"]);
    assert.ok(!output.endsWith("0\r\n\r\n"));
    assert.equal(log[0], "response cut: No such colour");
  });

  it("in HEAD: 500 without a body", async () => {
    class Heading extends TestHandler {
      do_HEAD(): void {
        throw new Error("no");
      }
    }
    const { output } = await feed(Heading, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(output, /^HTTP\/1\.1 500 /);
    assert.ok(output.endsWith("\r\n\r\n"));
  });
});

describe("a handler that forgets", () => {
  it("to answer: 500, and the error says what to call", async () => {
    const { output, errors } = await feed(
      getting(() => {}),
      GET,
    );
    assert.deepEqual(statuses(output), [500]);
    assert.match(String(errors[0]), /do_GET sent no complete response/);
  });

  it("endHeaders(): 500", async () => {
    const { output } = await feed(
      getting((handler) => handler.sendResponse(200)),
      GET,
    );
    assert.deepEqual(statuses(output), [500]);
  });

  it("sendResponse(): endHeaders() alone sends nothing but a 500", async () => {
    const { output } = await feed(
      getting((handler) => handler.endHeaders()),
      GET,
    );
    assert.deepEqual(statuses(output), [500]);
  });

  it("sendResponse() before sendHeader(): 500, and no field line in the place of the status line", async () => {
    const { output } = await feed(
      getting((handler) => {
        handler.sendHeader("X-Early", "1");
        handler.answer("body");
      }),
      GET,
    );
    assert.deepEqual(statuses(output), [500]);
  });

  it("that it has called sendResponse() already: 500, and no second status line in one head", async () => {
    const { output } = await feed(
      getting((handler) => {
        handler.sendResponse(200);
        handler.answer("body");
      }),
      GET,
    );
    assert.deepEqual(statuses(output), [500]);
  });

  it("that the response is complete: a second one is an error, and the first is not harmed beyond a cut", async () => {
    const { output, errors } = await feed(
      getting((handler) => {
        handler.answer("one");
        handler.answer("two");
      }),
      GET,
    );
    assert.ok(output.endsWith("\r\n\r\none"));
    assert.equal(errors.length, 1);
  });
});

describe("a handler that goes on when it should not", { timeout: 30_000 }, () => {
  const orders: [what: string, act: (handler: Open) => void][] = [
    ["a second response", (handler) => handler.sendResponse(200)],
    ["a field behind the head", (handler) => handler.sendHeader("X", "y")],
    ["a second end of the head", (handler) => handler.endHeaders()],
    ["sendError() behind the head", (handler) => handler.sendError(404)],
  ];
  for (const [what, act] of orders) {
    it(`${what} throws an error that it can tell by its code, and the response is not harmed if it is caught`, async () => {
      const { output, errors } = await feed(
        getting((handler) => {
          handler.answer("one");
          assert.throws(
            () => act(handler),
            (error) => error instanceof ResponseOrderError && error.code === "ERR_RESPONSE_ORDER",
          );
        }),
        GET + GET,
      );
      assert.deepEqual(
        parseResponses(output).map(({ status, body }) => [status, body.toString()]),
        [
          [200, "one"],
          [200, "one"],
        ],
      );
      assert.deepEqual(errors, []);
    });
  }

  it("a write after the end of wfile is told to it, and to nobody else", async (t) => {
    const told: unknown[] = [];
    const { ask, errors } = await serving(
      t,
      getting(async (handler) => {
        handler.answer("whole");
        handler.wfile.end();
        await finished(handler.wfile);
        handler.wfile.write("more", (error) => told.push((error as NodeJS.ErrnoException).code));
        await new Promise((resolve) => setImmediate(resolve));
      }),
    );
    const output = await ask(GET.replace("Host", "Connection: close\r\nHost"));
    assert.ok(output.endsWith("\r\n\r\nwhole"));
    assert.deepEqual(told, ["ERR_STREAM_WRITE_AFTER_END"]);
    assert.deepEqual(errors, []);
  });

  it("a write after the client has gone fails: wfile has the ConnectionLostError, the callback that it is destroyed", async (t) => {
    const told: unknown[] = [];
    let gone = (): void => {};
    const over = new Promise<void>((resolve) => (gone = resolve));
    const { connect, errors, log } = await serving(
      t,
      getting(async (handler) => {
        handler.sendResponse(200);
        handler.endHeaders();
        const { wfile } = handler;
        wfile.write("first");
        await new Promise<void>((resolve) => handler.signal.addEventListener("abort", () => resolve()));
        told.push(wfile.errored);
        await new Promise<void>((resolve) => {
          wfile.write("late", (error) => {
            told.push(error);
            resolve();
          });
        });
        handler.writeBody("and by the other way: dropped");
        gone();
      }),
    );
    const client = await connect();
    await client.send(GET).untilText("first");
    client.reset();
    await over;
    await log.until('"GET / HTTP/1.1" 200');
    assert.ok(told[0] instanceof ConnectionLostError);
    assert.equal((told[1] as NodeJS.ErrnoException).code, "ERR_STREAM_DESTROYED");
    assert.deepEqual(errors, []);
    assert.equal(log.lines.length, 1);
  });
});

describe("response splitting (RFC 9110 §5.5)", () => {
  const attacks: [what: string, act: (handler: Open) => void][] = [
    ["CR LF in a field value", (handler) => handler.sendHeader("X", "a\r\nSet-Cookie: b")],
    ["LF in a field value", (handler) => handler.sendHeader("X", "a\nb")],
    ["CR in a field value", (handler) => handler.sendHeader("X", "a\rb")],
    ["NUL in a field value", (handler) => handler.sendHeader("X", "a\0b")],
    ["a character that becomes LF in Latin-1", (handler) => handler.sendHeader("X", "a\u010ab")],
    ["a field name with a colon", (handler) => handler.sendHeader("X: y\r\nZ", "a")],
    ["an empty field name", (handler) => handler.sendHeader("", "a")],
    ["a field name with a blank", (handler) => handler.sendHeader("X ", "a")],
    ["a bad Content-Length", (handler) => handler.sendHeader("Content-Length", "5, 5")],
    ["a second Content-Length", (handler) => handler.sendHeader("content-length", "1")],
  ];
  for (const [what, act] of attacks) {
    it(`${what} throws TypeError, and becomes 500 when nobody catches it`, async () => {
      const { output, errors } = await feed(
        getting((handler) => {
          handler.sendResponse(200);
          handler.sendHeader("Content-Length", 1);
          act(handler);
          handler.endHeaders();
        }),
        GET,
      );
      assert.deepEqual(statuses(output), [500]);
      assert.ok(errors[0] instanceof TypeError, String(errors[0]));
      assert.doesNotMatch(output, /^set-cookie/im);
    });
  }

  it("CR LF in a reason phrase throws TypeError, and becomes 500", async () => {
    const { output, errors } = await feed(
      getting((handler) => handler.sendResponse(200, "OK\r\nSet-Cookie: a")),
      GET,
    );
    assert.deepEqual(statuses(output), [500]);
    assert.ok(errors[0] instanceof TypeError);
  });

  it("CR LF in the message of sendError is made visible", async () => {
    const { output } = await feed(
      getting((handler) => handler.sendError(400, "a\r\nSet-Cookie: b €")),
      GET,
    );
    const [response] = parseResponses(output);
    assert.equal(response!.reason, String.raw`a\x0d\x0aSet-Cookie: b ?`);
    assert.equal(response!.get("set-cookie"), undefined);
  });

  for (const status of [99, 1000, 200.5, NaN]) {
    it(`a status code of ${status} becomes 500 (RFC 9110 §15)`, async () => {
      const { output } = await feed(
        getting((handler) => handler.sendResponse(status)),
        GET,
      );
      assert.deepEqual(statuses(output), [500]);
    });
  }
});

describe("endHeaders() overridden to add a field", () => {
  class Cors extends TestHandler {
    override endHeaders(): void {
      this.sendHeader("Access-Control-Allow-Origin", "*");
      super.endHeaders();
    }

    do_GET(): void {
      const status = Number(this.path.slice(1));
      if (status === 200) this.answer("ok");
      else if (status === 304) {
        this.sendResponse(304);
        this.endHeaders();
      } else if (status === 0) throw new Error("fails");
      else this.sendError(status);
    }
  }

  const requests: [what: string, request: string, status: number][] = [
    ["a response", "GET /200 HTTP/1.1\r\nHost: a\r\n\r\n", 200],
    ["304", "GET /304 HTTP/1.1\r\nHost: a\r\n\r\n", 304],
    ["sendError", "GET /404 HTTP/1.1\r\nHost: a\r\n\r\n", 404],
    ["sendError without a body", "GET /204 HTTP/1.1\r\nHost: a\r\n\r\n", 204],
    ["sendError(205)", "GET /205 HTTP/1.1\r\nHost: a\r\n\r\n", 205],
    ["sendError(101)", "GET /101 HTTP/1.1\r\nHost: a\r\n\r\n", 101],
    ["the 500 of a handler that throws", "GET /0 HTTP/1.1\r\nHost: a\r\n\r\n", 500],
    ["501", "NOPE / HTTP/1.1\r\nHost: a\r\n\r\n", 501],
    ["417", "GET /200 HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n", 417],
    ["the 400 of the parser", "GET / HTTP/1.1\r\n\r\n", 400],
    ["414", `GET /${"x".repeat(70_000)}`, 414],
    ["505", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505],
  ];
  for (const [what, request, status] of requests) {
    it(`works for ${what}`, async () => {
      const { output } = await feed(Cors, request);
      assert.match(output, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(output, /^Access-Control-Allow-Origin: \*$/m);
    });
  }

  it("Connection: keep-alive in it does not make a request of what was refused (RFC 9112 §9.6)", async () => {
    class Keeping extends TestHandler {
      override endHeaders(): void {
        this.sendHeader("Connection", "keep-alive");
        super.endHeaders();
      }

      do_GET(): void {
        this.answer("ok");
      }
    }
    for (const request of [
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
    ]) {
      const { output } = await feed(Keeping, request + GET);
      const responses = parseResponses(output);
      assert.equal(responses.length, 1, request);
      assert.equal(responses[0]!.get("connection"), "close", request);
    }
  });

  it("Connection: close in it closes, and is said once", async () => {
    class Closing extends TestHandler {
      override endHeaders(): void {
        this.sendHeader("connection", "Close");
        super.endHeaders();
      }

      do_GET(): void {
        this.answer("ok");
      }
    }
    const { output } = await feed(Closing, GET + GET);
    const responses = parseResponses(output);
    assert.equal(responses.length, 1);
    assert.equal(responses[0]!.get("connection"), "close");
  });
});

describe("sendError", () => {
  it("sends the fields that it is given, Content-Type of errorContentType, and fills errorMessageFormat", async () => {
    class Plain extends TestHandler {
      override errorMessageFormat = "%(code)d|%(message)s|%(explain)s|100%%";
      override errorContentType = "text/plain";
      do_GET(): void {
        this.sendError(405, undefined, "no & never", { Allow: "POST" });
      }
    }
    const { output } = await feed(Plain, GET);
    const [response] = parseResponses(output);
    assert.equal(response!.get("allow"), "POST");
    assert.equal(response!.get("content-type"), "text/plain");
    assert.equal(response!.body.toString(), "405|Method Not Allowed|no &amp; never|100%");
  });

  it("differs: does not close a connection that can go on (the original always closes)", async () => {
    const { output } = await feed(
      getting((handler) => handler.sendError(404)),
      GET + GET,
    );
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [404, 404],
    );
    assert.equal(responses[0]!.get("connection"), undefined);
  });

  it("takes phrases from `responses`, which a subclass may extend", async () => {
    class More extends TestHandler {
      override responses = { ...RESPONSES, 799: ["End of the World", "It was nice."] as const };
      do_GET(): void {
        this.sendError(799);
      }
    }
    const { output } = await feed(More, GET);
    assert.match(output, /^HTTP\/1\.1 799 End of the World\r\n[^]*It was nice\./);
  });

  it("after the head has been sent cuts the response, and never writes a second head into the body", async () => {
    const { output } = await feed(
      getting((handler) => {
        handler.sendResponse(200);
        handler.endHeaders();
        handler.wfile.write("x");
        handler.sendError(500);
      }),
      GET,
    );
    assert.equal(output.match(/HTTP\/1\.1/g)?.length, 1);
    assert.ok(!output.endsWith("0\r\n\r\n"));
  });
});

describe("an override that throws", { timeout: 30_000 }, () => {
  class Answering extends TestHandler {
    static failures = 0;
    do_GET(): void {
      this.answer("fine");
    }

    protected fail(what: string): void {
      if (Answering.failures-- > 0) throw new Error(what);
    }
  }
  const overrides: [name: string, Handler: typeof Answering, wantsAnswer: boolean][] = [
    [
      "setup()",
      class extends Answering {
        override setup(): void {
          this.fail("setup");
        }
      },
      false,
    ],
    [
      "finish()",
      class extends Answering {
        override finish(): void {
          this.fail("finish");
        }
      },
      true,
    ],
    [
      "endHeaders()",
      class extends Answering {
        override endHeaders(): void {
          this.fail("endHeaders");
          super.endHeaders();
        }
      },
      true,
    ],
    [
      "logMessage()",
      class extends Answering {
        override logMessage(): void {
          this.fail("logMessage");
        }
      },
      true,
    ],
    [
      "versionString()",
      class extends Answering {
        override versionString(): string {
          this.fail("versionString");
          return "x";
        }
      },
      true,
    ],
  ];
  const closing = GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
  for (const [name, Handler, wantsAnswer] of overrides) {
    it(`of ${name} is told to handleError once, and the server goes on`, async (t) => {
      const { ask, errors } = await serving(t, Handler);
      Answering.failures = 1;
      assert.equal(statuses(await ask(closing)).length, wantsAnswer ? 1 : 0);
      assert.deepEqual(
        errors.map((error) => (error as Error).message),
        [name.slice(0, -2)],
      );
      assert.deepEqual(statuses(await ask(closing)), [200]);
      assert.equal(errors.length, 1);
    });

    it(`of ${name} again and again costs the connection, and never the process`, async (t) => {
      const { ask, errors } = await serving(t, Handler);
      Answering.failures = Infinity;
      await ask(closing);
      assert.ok(errors.length > 0);
      Answering.failures = 0;
      assert.deepEqual(statuses(await ask(closing)), [200]);
    });
  }
});

describe("a handler that goes wrong while it writes", () => {
  for (const [what, action] of [
    [
      "throws between two pieces",
      async (handler: Open) => {
        handler.sendResponse(200);
        handler.endHeaders();
        handler.wfile.write("half");
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error("midway");
      },
    ],
    [
      "writes after the end of wfile",
      (handler: Open) => {
        handler.sendResponse(200);
        handler.endHeaders();
        handler.wfile.end("half");
        handler.wfile.write("and more");
      },
    ],
  ] as const) {
    it(`and ${what}: the response is cut, the error told once, and no later request answered`, async () => {
      const { output, errors, log } = await feed(getting(action), GET + GET);
      const responses = parseResponses(output);
      assert.equal(responses.length, 1);
      assert.equal(responses[0]!.isComplete, false);
      assert.equal(errors.length, 1);
      assert.deepEqual(log, ["response cut: the handler failed", '"GET / HTTP/1.1" 200 4']);
    });
  }
});
