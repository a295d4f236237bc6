import assert from "node:assert/strict";
import { sep } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { HTTPRequestError } from "../../src/errors.ts";
import { translatePath, windowsPath } from "../../src/files/translate-path.ts";

const posix = { skip: sep === "/" ? false : "paths of another kind here" };

describe("translatePath", posix, () => {
  it("puts the canonical path below the directory (rows 85 and 86)", () => {
    for (const target of [
      "/filename",
      "/filename?foo=bar",
      "/filename?a=b&spam=eggs#zot",
      "//filename",
      "//filename?foo=bar",
    ]) {
      assert.equal(translatePath(target, "/srv/www"), "/srv/www/filename");
    }
  });

  it("keeps a slash at the end", () => {
    assert.equal(translatePath("/a/", "/srv"), "/srv/a/");
    assert.equal(translatePath("/a%2f", "/srv"), "/srv/a/");
    assert.equal(translatePath("/", "/srv"), "/srv/");
  });

  it("takes a directory with a slash at its end, the root of the system, and a relative one", () => {
    assert.equal(translatePath("/a", "/srv/"), "/srv/a");
    assert.equal(translatePath("/a", "/"), "/a");
    assert.equal(translatePath("/", "/"), "/");
    assert.equal(translatePath("/a", "public"), "public/a");
  });

  it("reads an empty directory as the current one, never as the root of the system", () => {
    assert.ok(!translatePath("/etc/passwd", "").startsWith("/"));
  });

  it("never leaves the directory", () => {
    const parts = fc.constantFrom("/", "..", ".", "%2e%2e", "%2f", "\\", "%5c", "a", "%252e");
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (all) => {
        const path = translatePath(`/${all.join("")}`, "/srv/www");
        assert.ok(path.startsWith("/srv/www/"), path);
        assert.ok(!path.split("/").includes(".."), path);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("windowsPath", () => {
  it("writes a path with backslashes", () => {
    assert.equal(windowsPath("/"), "\\");
    assert.equal(windowsPath("/a/b.txt"), "\\a\\b.txt");
    assert.equal(windowsPath("/a/"), "\\a\\");
    // None that Windows has made: too long, or without a number.
    assert.equal(windowsPath("/document~1.txt"), "\\document~1.txt");
    assert.equal(windowsPath("/a.txt~"), "\\a.txt~");
    // No devices.
    assert.equal(windowsPath("/console/auxiliary.txt"), "\\console\\auxiliary.txt");
    assert.equal(windowsPath("/com10"), "\\com10");
  });

  // Row 87: the original drops such segments and serves what is left; here they name nothing.
  const refused = [
    "/c:c:c:foo/filename",
    "/\\c:../filename",
    "/c:\\c:..\\foo/filename",
    "/c:foo",
    "/a\\..\\..\\b",
    "/file.txt::$DATA",
    "/dir::$INDEX_ALLOCATION/",
    "/file.txt.",
    "/file.txt ",
    "/.. /x",
    "/.. ./x",
    "/a*",
    "/a?",
    '/"a"',
    "/<a>",
    "/a|b",
    "/GIT~1/config",
    "/sub/PROGRA~1",
    "/HTPASS~1.",
    "/LONGNA~2.TXT",
    "/GI7D29~1",
    "/aux",
    "/sub/NUL.txt",
    "/Con/x",
    "/com1.tar.gz",
    "/LPT\u00b2",
    "/CONOUT$",
  ];
  for (const path of refused) {
    it(`refuses ${path}: Windows reads it as another file`, () => {
      assert.throws(
        () => windowsPath(path),
        (error: unknown) => error instanceof HTTPRequestError && error.status === 404,
      );
    });
  }
});
