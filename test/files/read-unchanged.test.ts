import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  type Stats,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { readUnchanged } from "../../src/files/read-unchanged.ts";
import { emptyDirectory, put } from "./tree.ts";

/** Reads a file that is changed once its stats are known: as if that had happened while it was read. */
function readChanged(content: string, change: (file: string) => void, most = 1000) {
  using directory = emptyDirectory();
  const file = put(directory.path, "f", content);
  const fd = openSync(file, "r");
  try {
    const before: Stats = fstatSync(fd);
    change(file);
    return { before, whole: readUnchanged(fd, before, most) };
  } finally {
    closeSync(fd);
  }
}

describe("readUnchanged", () => {
  for (const content of ["", "hello", "x".repeat(1000)]) {
    it(`reads ${content.length} bytes`, () => {
      const { whole, before } = readChanged(content, () => {});
      assert.equal(whole?.bytes.toString(), content);
      assert.equal(whole.stats, before);
    });
  }

  const changes: Readonly<Record<string, readonly [change: (file: string) => void, result: string]>> = {
    "has been rewritten": [(file) => writeFileSync(file, "HELLO"), "HELLO"],
    "has grown": [(file) => appendFileSync(file, " there"), "hello there"],
    "has shrunk": [(file) => truncateSync(file, 2), "he"],
    "has been emptied": [(file) => truncateSync(file, 0), ""],
  };
  for (const [name, [change, result]] of Object.entries(changes)) {
    it(`reads a file again that ${name}: bytes and stats belong together`, () => {
      const { whole } = readChanged("hello", change);
      assert.equal(whole?.bytes.toString(), result);
      assert.equal(whole.stats.size, result.length);
    });
  }

  it("leaves a file that is or becomes too long to others", () => {
    assert.equal(readChanged("hello", () => {}, 4).whole, undefined);
    assert.equal(readChanged("hello", (file) => appendFileSync(file, "!"), 5).whole, undefined);
  });
});
