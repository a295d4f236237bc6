import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";

import { describeMissing } from "../../src/files/missing-name.ts";
import { put, temporaryDirectory } from "../cgi/temporary-directory.ts";

describe("describeMissing", () => {
  it("names the first part of a path that is not there", (context) => {
    const root = temporaryDirectory(context);
    put(root, "a/file", "");
    assert.equal(describeMissing(join(root, "a/file")), undefined);
    assert.equal(describeMissing(join(root, "a/none/x")), `there is no ${join(root, "a/none")}`);
    // A way through a file.
    assert.match(describeMissing(join(root, "a/file/x")) ?? "", /^there is no .*[/\\]x$/);
  });

  it("knows the name that an editor or a finger has changed, and gives no hidden one away", (context) => {
    const root = temporaryDirectory(context);
    for (const name of ["form.py.txt", "hello.py", ".secret"]) put(root, name, "");
    const meant = (name: string): string | undefined => describeMissing(join(root, name))?.split(", but ")[1];
    assert.equal(meant("form.py"), join(root, "form.py.txt"));
    assert.equal(meant("hallo.py"), join(root, "hello.py"));
    assert.equal(meant("secret"), undefined);
    assert.equal(meant("index.cgi"), undefined);
  });

  it("knows the name that differs in the case of its letters", (context) => {
    const root = temporaryDirectory(context);
    put(root, "Hello.PY", "");
    const found = describeMissing(join(root, "hello.py"));
    // On a disk that takes both for the same, it is there.
    if (found === undefined) return context.skip("names here have no case");
    assert.ok(found.endsWith(`, but ${join(root, "Hello.PY")}`), found);
  });
});
