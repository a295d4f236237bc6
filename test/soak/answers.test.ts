import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { AnswerReader } from "../../soak/answers.ts";

const LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKS = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\n\n\r\n0\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
const NOT_MODIFIED = "HTTP/1.1 304 Not Modified\r\n\r\n";
const CLOSED = "HTTP/1.0 200 OK\r\n\r\nto the end";

describe("AnswerReader", () => {
  const all = LENGTH + CHUNKS + CONTINUE + HEAD + NOT_MODIFIED + CLOSED;
  const methods = ["GET", "GET", "HEAD", "GET", "GET"];

  for (const size of [1, 7, all.length]) {
    it(`counts answers of every framing, in pieces of ${size} bytes`, () => {
      const reader = new AnswerReader(methods);
      for (let at = 0; at < all.length; at += size) reader.push(Buffer.from(all.slice(at, at + size)));
      assert.deepEqual(reader.statuses, [200, 404, 200, 304]);
      reader.end();
      assert.deepEqual(reader.statuses, [200, 404, 200, 304, 200]);
      assert.equal(reader.received, all.length);
      assert.equal(reader.problem, undefined);
    });
  }

  it("counts nothing that is not complete", () => {
    for (const part of [LENGTH.slice(0, -1), CHUNKS.slice(0, -2), "HTTP/1.1 200"]) {
      const reader = new AnswerReader(["GET"]);
      reader.push(Buffer.from(part));
      reader.end();
      assert.deepEqual(reader.statuses, [], part);
    }
  });

  it("says what is no HTTP", () => {
    const body = new AnswerReader(["GET"]);
    body.push(Buffer.from(`${LENGTH}and more\r\n\r\n`));
    assert.match(body.problem ?? "", /no status line/);
    const chunk = new AnswerReader(["GET"]);
    chunk.push(Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"));
    assert.match(chunk.problem ?? "", /no chunk size/);
  });

  it("takes all that comes for the body of HTTP/0.9", () => {
    const reader = new AnswerReader(["HTTP/0.9"]);
    reader.push(Buffer.from("anything"));
    reader.end();
    assert.equal(reader.statuses.length, 1);
  });
});
