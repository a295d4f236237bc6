import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { errorEntry } from "../../src/log/error-entry.ts";

describe("errorEntry", () => {
  const error = new Error("bad \x1b thing");

  it("is a sentence with the stack below it, in every form of text", () => {
    for (const format of ["python", "common", "combined"] as const) {
      const entry = errorEntry(format, "Exception while testing", error, "192.0.2.7");
      assert.match(entry, /^Exception while testing: Error: bad \\x1b thing\n {4}at [^]*\n$/);
    }
  });

  it("is one line of json, with the stack in its message", () => {
    const entry = errorEntry("json", "Exception while testing", error, "192.0.2.7");
    assert.equal(entry.indexOf("\n"), entry.length - 1);
    const { level, remote, message } = JSON.parse(entry) as Record<string, string>;
    assert.deepEqual({ level, remote }, { level: "error", remote: "192.0.2.7" });
    assert.ok(message!.startsWith("Exception while testing: Error: bad \x1b thing\n    at "), message);
  });

  it("takes what is no error, and where no client is concerned", () => {
    assert.equal(errorEntry("python", "What", "text\n"), "What: text\\x0a\n");
    const found = JSON.parse(errorEntry("json", "What", "text")) as Record<string, string>;
    assert.deepEqual([found["message"], found["remote"]], ["What: text", undefined]);
  });
});
