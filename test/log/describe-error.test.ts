import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { describeError } from "../../src/log/describe-error.ts";

describe("describeError", () => {
  it("gives the stack, a frame on each line", () => {
    const lines = describeError(new TypeError("broken")).split("\n");
    assert.equal(lines[0], "TypeError: broken");
    assert.ok(lines.length > 1);
    for (const line of lines.slice(1)) assert.match(line, /^ {4}at /);
  });

  it("makes control characters of the message visible", () => {
    const [first] = describeError(new Error("no file \x1b[2J\0\\")).split("\n");
    assert.equal(first, "Error: no file \\x1b[2J\\x00\\\\");
  });

  it("lets no message that quotes a client begin a line of its own", () => {
    const forged = '127.0.0.1 - - [06/Nov/1994 08:49:37] "GET / HTTP/1.1" 200 -';
    const text = describeError(new Error(`no file a\n${forged}\r\n    at b\n${forged}`));
    for (const line of text.split("\n").slice(1)) assert.match(line, /^ {4}at /);
    assert.match(text, /^Error: no file a\\x0a127\.0\.0\.1/);
  });

  it("says what was thrown when it is no error", () => {
    assert.equal(describeError("text\n\x07"), "text\\x0a\\x07");
    assert.equal(describeError(undefined), "undefined");
    assert.equal(describeError(5), "5");
    assert.equal(describeError(Symbol("a")), "Symbol(a)");
  });

  it("gives name and message of an error without a stack", () => {
    const error = new RangeError("far");
    delete error.stack;
    assert.equal(describeError(error), "RangeError: far");
  });
});
