import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SocketFile } from "../../src/server/socket-file.ts";

describe("SocketFile", () => {
  it("tells whether the file is there, gone, or another", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "htbin-socket-file-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "s");
    writeFileSync(path, "");
    writeFileSync(`${path}2`, "");
    const file = new SocketFile(path);
    assert.equal(file.state, "kept");
    rmSync(path);
    assert.equal(file.state, "removed");
    assert.equal(new SocketFile(`${path}2`).state, "kept");
    // Made while the first was there, so it is certainly another: a freed inode may be given out again. A socket keeps its own.
    renameSync(`${path}2`, path);
    assert.equal(file.state, "replaced");
  });

  it("puts the file of another server back that closing has removed", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "htbin-socket-file-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "s");
    writeFileSync(path, "ours");
    const file = new SocketFile(path);
    file.close(() => {});
    writeFileSync(`${path}2`, "another");
    renameSync(`${path}2`, path);
    file.close(() => rmSync(path));
    assert.equal(readFileSync(path, "utf8"), "another");
    assert.deepEqual(readdirSync(folder), ["s"]);
  });

  it("has nothing to say where a socket has no file", () => {
    assert.equal(new SocketFile("\0abstract").state, "kept");
    assert.equal(new SocketFile("/nowhere/at/all").state, "kept");
  });
});
