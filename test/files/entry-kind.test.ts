import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { guessType } from "../../src/files/content-type.ts";
import { describeKind, kindOf } from "../../src/files/entry-kind.ts";

describe("the kind of a file", () => {
  const cases: readonly (readonly [name: string, shown: string])[] = [
    ["a.png", "PNG image"],
    ["a.SVG", "SVG image"],
    ["a.mp3", "MP3 audio"],
    ["a.mp4", "MP4 video"],
    ["a.woff2", "WOFF2 font"],
    ["a.html", "HTML code"],
    ["a.js", "JS code"],
    ["a.json", "JSON code"],
    ["a.ts", "TS code"],
    ["a.py", "PY code"],
    ["a.txt", "TXT text"],
    ["a.md", "MD text"],
    ["a.csv", "CSV text"],
    ["a.pdf", "PDF document"],
    ["a.docx", "DOCX document"],
    ["a.odt", "ODT document"],
    ["a.zip", "ZIP archive"],
    ["a.tar.gz", "GZ archive"],
    ["a.7z", "7Z archive"],
    ["a.bin", "BIN file"],
    ["Makefile", "File"],
    [".profile", "File"],
    ["a.notasuffix", "File"],
    ["a.", "File"],
  ];
  for (const [name, shown] of cases) {
    it(`${name} is a ${shown}`, () => {
      const kind = kindOf(name, guessType(name, {}) ?? "application/octet-stream");
      const entry = { name, isDirectory: false, isLink: false, size: 0, modified: 0 };
      assert.equal(describeKind(entry, kind), shown);
    });
  }

  it("is Folder for a directory, whatever its name", () => {
    const entry = { name: "a.png", isDirectory: true, isLink: false, size: undefined, modified: 0 };
    assert.equal(describeKind(entry, "folder"), "Folder");
  });
});
