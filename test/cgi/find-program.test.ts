import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";

import { findProgram } from "../../src/cgi/find-program.ts";
import { put, putScript, temporaryDirectory } from "./temporary-directory.ts";

describe("findProgram", { skip: process.platform === "win32" && "x bits" }, () => {
  it("finds a name in PATH, in its order, as an absolute path", (context) => {
    const directory = temporaryDirectory(context);
    putScript(directory, "b/tool", "");
    put(directory, "a/tool", "no x bit");
    const path = `${directory}/nowhere:${directory}/a:${directory}/b`;
    assert.equal(findProgram("tool", path), join(directory, "b/tool"));
    assert.equal(findProgram("other", path), undefined);
  });

  it("takes a path as it is, if that is a program", (context) => {
    const directory = temporaryDirectory(context);
    const tool = putScript(directory, "tool", "");
    assert.equal(findProgram(tool), tool);
    assert.equal(findProgram(directory), undefined, "a directory has an x bit, too");
    assert.equal(findProgram(`${tool}x`), undefined);
  });

  it("never looks into the current directory, whatever an empty entry of PATH means elsewhere", () => {
    assert.equal(findProgram("package.json", ":"), undefined);
    assert.equal(findProgram("sh", ""), undefined);
  });
});
