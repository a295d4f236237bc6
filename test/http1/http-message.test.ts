import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { HTTPMessage } from "../../src/http1/http-message.ts";

const MESSAGE = new HTTPMessage(["Host", "a", "X-A", "1", "x-b", "", "x-a", "2"]);

describe("HTTPMessage", () => {
  it("looks names up without regard to case (RFC 9110 §5.1)", () => {
    for (const name of ["x-a", "X-A", "x-A"]) {
      assert.equal(MESSAGE.get(name), "1");
      assert.equal(MESSAGE.has(name), true);
      assert.equal(MESSAGE.count(name), 2);
      assert.deepEqual(MESSAGE.getAll(name), ["1", "2"]);
    }
  });

  it("gives the first value, or the fallback; an empty value is a value", () => {
    assert.equal(MESSAGE.get("none"), undefined);
    assert.equal(MESSAGE.get("none", "other"), "other");
    assert.equal(MESSAGE.get("none", 0), 0);
    assert.equal(MESSAGE.get("x-b", "other"), "");
    assert.equal(MESSAGE.get("host", "other"), "a");
    assert.equal(MESSAGE.has("x-b"), true);
  });

  it("gives an empty array, no list value and count 0 for a field that is not there", () => {
    assert.deepEqual(MESSAGE.getAll("none"), []);
    assert.equal(MESSAGE.getCombined("none"), undefined);
    assert.equal(MESSAGE.count("none"), 0);
    assert.equal(MESSAGE.has("none"), false);
  });

  it("combines equal names in their order with a comma (RFC 9110 §5.3)", () => {
    assert.equal(MESSAGE.getCombined("X-a"), "1, 2");
    assert.equal(MESSAGE.getCombined("host"), "a");
    assert.equal(MESSAGE.getCombined("x-b"), "");
  });

  it("does not take a value for a name, nor part of a name for the name", () => {
    assert.equal(new HTTPMessage(["A", "B", "C", "D"]).get("b"), undefined);
    assert.equal(MESSAGE.get("x"), undefined);
    assert.equal(MESSAGE.get("x-a "), undefined);
    assert.equal(MESSAGE.get("__proto__"), undefined);
  });

  it("lists the field lines in the order and the spelling of the wire", () => {
    assert.deepEqual(
      [...MESSAGE],
      [
        ["Host", "a"],
        ["X-A", "1"],
        ["x-b", ""],
        ["x-a", "2"],
      ],
    );
    assert.equal(MESSAGE.size, 4);
    assert.equal(String(MESSAGE), "Host: a\nX-A: 1\nx-b: \nx-a: 2\n");
  });

  it("is empty without fields", () => {
    const empty = new HTTPMessage();
    assert.deepEqual([...empty], []);
    assert.equal(empty.size, 0);
    assert.equal(String(empty), "");
    assert.equal(empty.get("a"), undefined);
  });

  it("gives the bytes of a value back through Latin-1 (row 19 of the original's tests)", () => {
    const value = new HTTPMessage(["X", "\xc4\xe4\xff"]).get("x")!;
    assert.deepEqual(Buffer.from(value, "latin1"), Buffer.from([0xc4, 0xe4, 0xff]));
  });

  it("agrees with a slow model", () => {
    const name = fc.constantFrom("a", "A", "ab", "aB", "AB", "b", "Content-Length", "content-length", "-");
    const field = fc.tuple(name, fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(field), name, (fields, wanted) => {
        const message = new HTTPMessage(fields.flat());
        const values = fields
          .filter(([key]) => key.toLowerCase() === wanted.toLowerCase())
          .map(([, value]) => value);
        assert.equal(message.get(wanted), values[0]);
        assert.deepEqual(message.getAll(wanted), values);
        assert.equal(message.getCombined(wanted), values.length === 0 ? undefined : values.join(", "));
        assert.equal(message.has(wanted), values.length > 0);
        assert.equal(message.count(wanted), values.length);
        assert.equal(message.size, fields.length);
        assert.deepEqual([...message], fields);
      }),
    );
  });
});
