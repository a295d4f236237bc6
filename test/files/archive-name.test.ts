import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { archiveEntries } from "../../src/files/archive-entries.ts";
import { namesInArchive } from "../../src/files/archive-name.ts";
import { emptyDirectory } from "./tree.ts";

/** As `textOfName` has the bytes FF and FE, which are no UTF-8. */
const [FF, FE] = ["\udcff", "\udcfe"];

function written(names: readonly string[], hasBackslashes = true): string[] {
  const entries = names.map((name) => ({ name }));
  const archived = namesInArchive(entries, hasBackslashes);
  return names.map((name) => archived.of(name));
}

describe("namesInArchive", () => {
  it("keeps every name that is text", () => {
    const names = ["a", "caf\u00e9", "\u{1f600}", "%FF", "a\nb", "a\\b", "\ufffd"];
    assert.deepEqual(written(names), names);
  });

  it("writes bytes that are not UTF-8 as links do, so that two such names stay two", () => {
    assert.deepEqual(written([`a${FF}`, `a${FE}`, `${FF}${FE}.txt`]), ["a%FF", "a%FE", "%FF%FE.txt"]);
  });

  it("writes a backslash as `_` where it would be taken for a slash", () => {
    assert.deepEqual(written(["..\\..\\x", "a/b"], false), [".._.._x", "a/b"]);
  });

  it("never gives the name of another entry, whichever comes first, nor one twice", () => {
    assert.deepEqual(written(["a\\b", "a_b", "_a_b"], false), ["__a_b", "a_b", "_a_b"]);
    assert.deepEqual(written(["%FF", FF]), ["%FF", "_%FF"]);
    assert.deepEqual(written(["\ud800", "\ud801"]), ["\ufffd", "_\ufffd"]);
  });
});

const linux = { skip: process.platform === "linux" ? false : "only Linux has names of any bytes" };

describe("an archive of names that it cannot hold as they are", linux, () => {
  for (const hasBackslashes of [true, false]) {
    it(`has each file under one name of its own, ${hasBackslashes ? "with" : "without"} backslashes`, async () => {
      using directory = emptyDirectory();
      for (let byte = 1; byte <= 0xff; byte++) {
        if (byte === 0x2e || byte === 0x2f) continue;
        writeFileSync(Buffer.concat([Buffer.from(`${directory.path}/`), Buffer.from([byte])]), "");
      }
      for (const name of ["%80", "_%80", "__", "\ufffd"]) writeFileSync(join(directory.path, name), "");
      const options = { dotfiles: false, root: directory.path, hasBackslashes };
      const paths: string[] = [];
      for await (const { path, file } of archiveEntries(directory.path, "top", options)) {
        if (file !== undefined) paths.push(path);
      }
      assert.equal(paths.length, 0xff - 2 + 4);
      assert.equal(new Set(paths).size, paths.length);
      assert.ok(paths.every((path) => path.isWellFormed() && (hasBackslashes || !path.includes("\\"))));
    });
  }
});
