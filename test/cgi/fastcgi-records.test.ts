import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";

import {
  BadRecord,
  makeRecords,
  makeRequest,
  readEnd,
  RECORD_TYPE,
  takeRecord,
} from "../../src/cgi/fastcgi-records.ts";
import { pairsOf } from "./fake-application.ts";

interface Read {
  readonly type: number;
  readonly requestId: number;
  readonly content: string;
}

/** All whole records of the input, fed in pieces of one size. */
function readAll(input: Buffer, size = input.length || 1): { records: Read[]; rest: number } {
  const records: Read[] = [];
  let pending: Buffer = Buffer.alloc(0);
  for (let at = 0; at < input.length; at += size) {
    pending = Buffer.concat([pending, input.subarray(at, at + size)]);
    for (;;) {
      const taken = takeRecord(pending, 0);
      if (taken === undefined) break;
      const { type, requestId, content } = taken.record;
      records.push({ type, requestId, content: content.toString("latin1") });
      pending = pending.subarray(taken.next);
    }
  }
  return { records, rest: pending.length };
}

/** A record with padding, as applications send them to keep to multiples of 8. */
function padded(type: number, content: string, padding: number): Buffer {
  const header = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 0xff, padding, 0]);
  return Buffer.concat([header, Buffer.from(content, "latin1"), Buffer.alloc(padding, 0xaa)]);
}

describe("takeRecord (FastCGI §3.3)", () => {
  const input = Buffer.concat([
    padded(RECORD_TYPE.stdout, "Status: 200\n\n", 3),
    padded(RECORD_TYPE.stderr, "", 0),
    padded(RECORD_TYPE.stdout, "body", 255),
    padded(RECORD_TYPE.endRequest, "\0\0\0\0\0\0\0\0", 0),
  ]);

  it("reads the same whole, byte by byte, and with bytes of the next one behind", () => {
    const whole = readAll(input);
    assert.deepEqual(
      whole.records.map(({ type, content }) => [type, content.length]),
      [
        [6, 13],
        [7, 0],
        [6, 4],
        [3, 8],
      ],
    );
    assert.equal(whole.rest, 0);
    assert.deepEqual(readAll(input, 1), whole);
    assert.deepEqual(readAll(Buffer.concat([input, input.subarray(0, 9)])), {
      records: whole.records,
      rest: 9,
    });
  });

  it("waits for a record that is not all here, down to its padding", () => {
    const record = padded(6, "abc", 5);
    for (let length = 0; length < record.length; length++) {
      assert.equal(takeRecord(record.subarray(0, length), 0), undefined, String(length));
    }
    assert.equal(takeRecord(record, 0)?.next, record.length);
    assert.equal(takeRecord(record, record.length), undefined);
  });

  it("refuses another version with its first byte", () => {
    assert.throws(() => takeRecord(Buffer.from("HTTP/1.1 400"), 0), BadRecord);
    assert.throws(() => takeRecord(Buffer.of(2), 0), BadRecord);
  });

  it("reads back what is made, whatever it is and however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(1, 4, 5, 6, 7), fc.uint8Array({ maxLength: 300 })), {
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 40 }),
        (parts, size) => {
          const bytes = Buffer.concat(parts.map(([type, content]) => makeRecords(type, 7, content)));
          const { records, rest } = readAll(bytes, size);
          assert.equal(rest, 0);
          assert.deepEqual(
            records,
            parts.map(([type, content]) => ({
              type,
              requestId: 7,
              content: Buffer.from(content).toString("latin1"),
            })),
          );
        },
      ),
    );
  });

  it("never fails but for the version, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const input = Buffer.from(bytes);
        try {
          const taken = takeRecord(input, 0);
          assert.ok(taken === undefined || (taken.next >= 8 && taken.next <= input.length));
        } catch (error) {
          assert.ok(error instanceof BadRecord && input[0] !== 1);
        }
      }),
    );
  });
});

describe("makeRecords", () => {
  it("splits what is longer than a record, and ends a stream with an empty one", () => {
    const long = Buffer.alloc(200_000, "x");
    const { records } = readAll(makeRecords(RECORD_TYPE.stdin, 1, long));
    assert.equal(records.length, 4);
    assert.equal(records.map(({ content }) => content).join(""), long.toString());
    assert.deepEqual(readAll(makeRecords(RECORD_TYPE.stdin, 1, Buffer.alloc(0))).records, [
      { type: 5, requestId: 1, content: "" },
    ]);
  });
});

describe("makeRequest (FastCGI §3.4, §5.1, §5.2)", () => {
  it("is a responder's role, the variables, and their end", () => {
    const { records } = readAll(makeRequest(1, new Map([["A", "b"]]), true));
    assert.deepEqual(records, [
      { type: 1, requestId: 1, content: "\0\x01\x01\0\0\0\0\0" },
      { type: 4, requestId: 1, content: "\x01\x01Ab" },
      { type: 4, requestId: 1, content: "" },
    ]);
    assert.equal(readAll(makeRequest(1, new Map(), false)).records.length, 2);
  });

  it("writes lengths from 128 on in four bytes, and text as UTF-8", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1, maxLength: 200, unit: "binary" }).filter((name) => name !== "__proto__"),
          fc.string({ maxLength: 200, unit: "binary" }),
          { maxKeys: 5 },
        ),
        (variables) => {
          const params = readAll(makeRequest(1, new Map(Object.entries(variables)), false)).records.filter(
            ({ type }) => type === 4,
          );
          const bytes = Buffer.from(params.map(({ content }) => content).join(""), "latin1");
          const expected = Object.fromEntries(
            Object.entries(variables).map(([name, value]) => [wellFormed(name), wellFormed(value)]),
          );
          assert.deepEqual({ ...pairsOf(bytes) }, expected);
        },
      ),
    );
    const long = "v".repeat(70_000);
    const params = readAll(makeRequest(1, new Map([["LONG", long]]), false)).records.filter(
      ({ type }) => type === 4,
    );
    assert.equal(params.length, 3);
    assert.equal(pairsOf(Buffer.from(params.map(({ content }) => content).join(""), "latin1"))["LONG"], long);
  });
});

/** Lone surrogates have no bytes in UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

describe("readEnd (FastCGI §5.5)", () => {
  it("tells the exit code of a complete request, and the reasons of those who did not take one", () => {
    assert.deepEqual(readEnd(Buffer.from([0, 0, 1, 2, 0, 0, 0, 0])), { kind: "complete", appStatus: 258 });
    assert.equal(readEnd(Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])).kind, "refused");
    assert.equal(readEnd(Buffer.from([0, 0, 0, 0, 2, 0, 0, 0])).kind, "overloaded");
    assert.equal(readEnd(Buffer.from([0, 0, 0, 0, 3, 0, 0, 0])).kind, "refused");
    assert.throws(() => readEnd(Buffer.alloc(3)), BadRecord);
  });
});
