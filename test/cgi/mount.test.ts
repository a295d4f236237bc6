import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { findMount } from "../../src/cgi/mount.ts";
import { collapseUrlPath } from "../../src/cgi/script-path.ts";

const MOUNTS = {
  "/": { program: "/all" },
  "/git": { program: "/git" },
  "/git/admin": { program: "/admin" },
  "/with slash/": { program: "/slash" },
};

function found(
  path: string,
  mounts = MOUNTS,
): [program: string, scriptName: string, rest: readonly string[]] | undefined {
  const mounted = findMount(collapseUrlPath(path), mounts);
  return mounted === undefined ? undefined : [mounted.mount.program, mounted.scriptName, mounted.rest];
}

describe("findMount", () => {
  it("finds the mount for its path, and for what is below it", () => {
    assert.deepEqual(found("/git"), ["/git", "/git", []]);
    assert.deepEqual(found("/git/"), ["/git", "/git", [""]]);
    assert.deepEqual(found("/git/a.git/info/refs"), ["/git", "/git", ["a.git", "info", "refs"]]);
  });

  it("takes the deepest one, and '/' for all that is left", () => {
    assert.deepEqual(found("/git/admin/x"), ["/admin", "/git/admin", ["x"]]);
    assert.deepEqual(found("/"), ["/all", "", [""]]);
    assert.deepEqual(found("/a//b"), ["/all", "", ["a", "", "b"]]);
  });

  it("compares whole names, decoded", () => {
    assert.equal(found("/gitweb")?.[0], "/all");
    assert.equal(found("/git%2fx")?.[0], "/all");
    assert.equal(found("/%67it/x")?.[0], "/git");
    assert.equal(found("/with%20slash/x")?.[1], "/with slash");
    assert.equal(found("/x/../git/y")?.[0], "/git");
  });

  it("skips empty segments before and in the mount's path, and keeps those behind it", () => {
    assert.deepEqual(found("//git//admin//x"), ["/admin", "/git/admin", ["", "x"]]);
  });

  it("finds none where none is", () => {
    assert.equal(found("/x", { "/": { program: "/all" } } as typeof MOUNTS)?.[0], "/all");
    assert.equal(findMount(["x"], {}), undefined);
    assert.equal(findMount(["gi"], { "/git": { program: "/git" } }), undefined);
  });
});
