import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { exchange, openConnection, splitAnswers } from "../../bench/load/raw-connection.ts";
import { askForAnswers } from "../../bench/same-answer.ts";
import type { Expected } from "../../bench/site.ts";

const answer = (body: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** The body "ok". */
const expected: Expected = {
  path: "/",
  status: 200,
  sha256: "2689367b205c16ce32ed4200942b8b8b1e262dfc70d9bc9fbc77c49699a4f1df",
  size: 2,
};

/** Runs a server that writes the text which `reply` makes of the number of requests in a piece. */
async function withServer(
  reply: (requests: number) => string,
  use: (origin: string) => Promise<void>,
): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      const text = reply(bytes.toString("latin1").split("\r\n\r\n").length - 1);
      if (text === "") socket.end();
      else socket.write(text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

describe("splitAnswers", () => {
  it("takes pipelined answers apart, and leaves one that is not complete", () => {
    const { answers, rest } = splitAnswers(Buffer.from(`${answer("one")}${answer("")}HTTP/1.1 200`));
    assert.deepEqual(
      answers.map(({ body }) => body.toString()),
      ["one", ""],
    );
    assert.equal(rest, 12);
  });

  it("refuses an answer without a length", () => {
    assert.throws(() => splitAnswers(Buffer.from("HTTP/1.1 200 OK\r\n\r\nbody")), /no answer with a length/);
  });
});

describe("a connection of the bench", () => {
  it("sends several requests in one piece and gets as many answers", async () => {
    await withServer(
      (requests) => answer("ok").repeat(requests),
      async (origin) => {
        const socket = await openConnection(origin);
        assert.equal((await exchange(socket, "/", 16)).length, 16);
        assert.equal((await exchange(socket, "/", 1)).length, 1);
        socket.destroy();
      },
    );
  });

  it("tells when it ends before all answers have come", async () => {
    await withServer(
      () => "",
      async (origin) => {
        const socket = await openConnection(origin);
        await assert.rejects(exchange(socket, "/", 2), /ended after 0 of 2 answers/);
        socket.destroy();
      },
    );
  });
});

describe("the question for pipelined answers", () => {
  it("is passed by a server that gives all of them", async () => {
    await withServer(
      (requests) => answer("ok").repeat(requests),
      async (origin) => assert.equal((await askForAnswers(origin, expected, 16)).kind, "same"),
    );
  });

  it("is failed by one answer too many", async () => {
    await withServer(
      (requests) => answer("ok").repeat(requests + 1),
      async (origin) => {
        const verdict = await askForAnswers(origin, expected, 16);
        assert.ok(verdict.kind === "different" && /more than the 16 answers/.test(verdict.reason));
      },
    );
  });

  it("is failed by a single wrong one", async () => {
    await withServer(
      (requests) => answer("ok").repeat(requests - 1) + answer("ko"),
      async (origin) => {
        const verdict = await askForAnswers(origin, expected, 16);
        assert.ok(verdict.kind === "different" && /2 of 17 answers differ/.test(verdict.reason));
      },
    );
  });
});
