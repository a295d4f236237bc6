// Whether a path at which nothing is lies inside the root: asked for each page of a single-page application.

import assert from "node:assert/strict";
import fs, { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join, sep } from "node:path";
import { after, describe, it, mock } from "node:test";
import { isNothingOutside } from "../../src/files/resolve-resource.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { startSite } from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

const posix = { skip: sep === "/" ? false : "links need rights on Windows" };

describe("isNothingOutside", posix, () => {
  const folder = emptyDirectory();
  const root = join(folder.path, "www");
  mkdirSync(join(root, "sub"), { recursive: true });
  mkdirSync(join(folder.path, "outside/there"), { recursive: true });
  writeFileSync(join(root, "a.txt"), "a");
  symlinkSync("../outside", join(root, "out"));
  symlinkSync("sub", join(root, "in"));
  symlinkSync("nowhere", join(root, "broken"));
  after(() => folder[Symbol.dispose]());

  it("goes by the last directory on the way that is there", () => {
    for (const path of ["x", "x/y/z", "sub/x", "sub/", "in/x/y", "a.txt/x", "broken/x", "x".repeat(300)])
      assert.ok(isNothingOutside(`${root}/${path}`, root), path);
    for (const path of ["out/x", "out/there/x/y", "out/"])
      assert.ok(!isNothingOutside(`${root}/${path}`, root), path);
  });

  it("is true of every place where links may lead anywhere", () => {
    assert.ok(isNothingOutside("/anywhere", undefined));
  });

  it("takes a root with a slash at its end, the root of the system, and a relative one", () => {
    assert.ok(isNothingOutside(`${root}/x`, `${root}/`));
    assert.ok(isNothingOutside("/nothing-of-that-name", "/"));
    assert.ok(isNothingOutside("./nothing-of-that-name", "."));
    assert.ok(!isNothingOutside(`${root}/out/x`, `${root}/`));
  });

  it("is false of a place that is not below the root at all", () => {
    assert.ok(!isNothingOutside("x", root));
    assert.ok(!isNothingOutside(join(folder.path, "outside/there/and/nothing/below/of/it"), root));
  });

  it("looks once where nothing is, however long the path: all others wait meanwhile", () => {
    const names = ["existsSync", "statSync", "lstatSync", "realpathSync"] as const;
    const spies = names.map((name) => mock.method(fs, name));
    syncBuiltinESMExports();
    assert.ok(isNothingOutside(`${root}/${"a/".repeat(30_000)}x`, root));
    const calls = spies.reduce((sum, spy) => sum + spy.mock.callCount(), 0);
    mock.restoreAll();
    syncBuiltinESMExports();
    assert.ok(calls > 0 && calls < 10, `${calls} looks`);
  });
});

it("a single-page application in a directory that is written with a slash at its end", posix, async () => {
  using folder = emptyDirectory();
  put(folder.path, "index.html", "the application");
  class Application extends SimpleHTTPRequestHandler {
    override directory = `${folder.path}/`;
    override single = "index.html";
  }
  await using site = await startSite({}, Application);
  assert.equal((await site.ask("/users/7", { fields: { Accept: "text/html" } })).text, "the application");
  assert.equal((await site.ask("/users", { fields: { Accept: "text/html" } })).text, "the application");
});
