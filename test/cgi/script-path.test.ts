import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { collapseUrlPath, splitScriptPath } from "../../src/cgi/script-path.ts";
import { canonicalPath } from "../../src/files/url-path.ts";

const CGI_DIRECTORIES = ["/cgi-bin", "/htbin"];

describe("collapseUrlPath", () => {
  // What the specification's server makes of these, but for its second slash in front of names in the root, and for `..` above
  // the root, over which it fell.
  const TABLE: readonly [path: string, names: string][] = [
    ["", "/"],
    ["/", "/"],
    ["//", "/"],
    ["/.//", "/"],
    ["..", "/"],
    ["/.//..", "/"],
    ["/\\", "/\\"],
    ["cgi-bin/file1.py", "/cgi-bin/file1.py"],
    ["/cgi-bin/file1.py", "/cgi-bin/file1.py"],
    ["a", "/a"],
    ["//a", "/a"],
    ["./a", "/a"],
    ["./C:/", "/C:/"],
    ["/a/b", "/a/b"],
    ["/a/b/", "/a/b/"],
    ["/a/b/.", "/a/b/"],
    ["/a/b/c/..", "/a/b/"],
    ["/a/b/c/../d", "/a/b/d"],
    ["/a/b/c/../d/e/../f", "/a/b/d/f"],
    ["/a/b/c/../d/e/../../f", "/a/b/f"],
    ["/a/b/c/../d/e/.././././..//f", "/a/b/f"],
    ["/a/b/c/../d/e/../../../f", "/a/f"],
    ["/a/b/c/../d/e/../../../../f", "/f"],
    ["/a/b/c/../d/e/../../../../../f", "/f"],
  ];

  for (const [path, expected] of TABLE) {
    it(`makes ${expected} of ${JSON.stringify(path)}`, () => {
      assert.equal(joined(collapseUrlPath(path)), expected);
    });
  }

  it("decodes once, so that an encoded escape stays an escape", () => {
    assert.deepEqual(collapseUrlPath("/a/%2520"), ["a", "%20"]);
    assert.deepEqual(collapseUrlPath("/a/%252e%252e/b"), ["a", "%2e%2e", "b"]);
  });

  it("takes encoded dots for dots", () => {
    assert.deepEqual(collapseUrlPath("/a/%2e%2e/b"), ["b"]);
    assert.deepEqual(collapseUrlPath("/cgi-bin/.%2e/.%2e/bin/sh"), ["bin", "sh"]);
  });

  it("never takes an empty segment for a directory that '..' could leave", () => {
    assert.deepEqual(collapseUrlPath("/a//../b"), ["b"]);
    assert.deepEqual(collapseUrlPath("//../b"), ["b"]);
  });

  it("knows no path for broken escapes and NUL", () => {
    for (const path of ["/%", "/%z", "/a%00b", "/a/%%32%65%%32%65/b"]) {
      assert.throws(() => collapseUrlPath(path), { status: 400 }, path);
    }
  });

  it("means the same file as those who serve files do", () => {
    const segment = fc.constantFrom("a", "b", "", ".", "..", "%2e", "%2E.", "...", "%C3%A9", "%20", "%252f");
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 12 }), (parts) => {
        const path = `/${parts.join("/")}`;
        assert.equal(joined(collapseUrlPath(path)), canonicalPath(path));
      }),
    );
  });
});

/** The segments as a path for a file system. */
function joined(segments: readonly string[]): string {
  const names = segments.filter((segment) => segment !== "").join("/");
  return `/${names}${names !== "" && segments.at(-1) === "" ? "/" : ""}`;
}

describe("splitScriptPath", () => {
  it("finds the CGI directory and what follows it", () => {
    assert.deepEqual(splitScriptPath("/cgi-bin/file1.py", CGI_DIRECTORIES), {
      kind: "script",
      directory: "/cgi-bin",
      segments: ["file1.py"],
    });
    assert.deepEqual(splitScriptPath("/htbin/a/b/c/", CGI_DIRECTORIES), {
      kind: "script",
      directory: "/htbin",
      segments: ["a", "b", "c", ""],
    });
  });

  it("runs a script whose path has no leading slash, as the original does (CVE-2011-1015)", () => {
    assert.equal(splitScriptPath("cgi-bin/file1.py", CGI_DIRECTORIES).kind, "script");
  });

  it("sees through doubled slashes and dot segments (bpo-19435)", () => {
    for (const path of [
      "//cgi-bin/x",
      "/./cgi-bin/x",
      "/nocgi/../cgi-bin/x",
      "///////nocgi.py/../cgi-bin//x",
    ]) {
      assert.equal(splitScriptPath(path, CGI_DIRECTORIES).kind, "script", path);
    }
    assert.deepEqual(splitScriptPath("/cgi-bin/../a.txt", CGI_DIRECTORIES), { kind: "file" });
  });

  it("has nothing in the directory itself without a slash, so that it can be redirected", () => {
    assert.deepEqual(splitScriptPath("/cgi-bin", CGI_DIRECTORIES), { kind: "file" });
    assert.deepEqual(splitScriptPath("/cgi-bin/", CGI_DIRECTORIES), {
      kind: "script",
      directory: "/cgi-bin",
      segments: [""],
    });
  });

  it("takes the shortest of nested directories, and compares whole names", () => {
    const nested = ["/sub/dir/cgi-bin", "/sub/dir/cgi-bin/inner"];
    assert.deepEqual(splitScriptPath("/sub/dir/cgi-bin/inner/x", nested), {
      kind: "script",
      directory: "/sub/dir/cgi-bin",
      segments: ["inner", "x"],
    });
    assert.deepEqual(splitScriptPath("/sub/dir/x", nested), { kind: "file" });
    assert.deepEqual(splitScriptPath("/cgi-bin2/x", CGI_DIRECTORIES), { kind: "file" });
  });

  it("covers the whole tree by the directory '/'", () => {
    assert.deepEqual(splitScriptPath("/x.py", ["/"]), { kind: "script", directory: "/", segments: ["x.py"] });
    const below = { kind: "script", directory: "/", segments: ["a", "x.py", "info"] };
    assert.deepEqual(splitScriptPath("/a/x.py/info", ["/"]), below);
    assert.deepEqual(splitScriptPath("/", ["/"]), { kind: "script", directory: "/", segments: [""] });
  });

  it("keeps empty segments behind the directory, which are a script's data", () => {
    assert.deepEqual(splitScriptPath("/cgi-bin/wiki/http://a//b", CGI_DIRECTORIES), {
      kind: "script",
      directory: "/cgi-bin",
      segments: ["wiki", "http:", "", "a", "", "b"],
    });
  });

  it("refuses an encoded slash on the way into a CGI directory: neither run nor sent (CVE-2014-4650)", () => {
    const paths = ["/cgi-bin%2ffile1.py", "/cgi-bin%2Fchild/file1.py", "/%2fcgi-bin%2ffile1.py"];
    for (const path of [...paths, "/a%2f..%2fcgi-bin/x", "/..%2fcgi-bin/x", "/x/..%2fcgi-bin%2fx"]) {
      assert.equal(splitScriptPath(path, CGI_DIRECTORIES).kind, "refused", path);
    }
  });

  it("refuses other spellings of a CGI directory where the disk takes them for it", () => {
    for (const path of [
      "/CGI-BIN/x",
      "/cgi-bin./x",
      "/cgi-bin%20/x",
      "/cgi-bin::$INDEX_ALLOCATION/x",
      "/cgi-bin\\x",
    ]) {
      assert.equal(splitScriptPath(path, CGI_DIRECTORIES, "win32").kind, "refused", path);
      assert.equal(splitScriptPath(path, CGI_DIRECTORIES, "linux").kind, "file", path);
    }
    assert.equal(splitScriptPath("/Cgi-Bin/x", CGI_DIRECTORIES, "darwin").kind, "refused");
  });

  it("refuses PATH_INFO that would lead out of any directory it is joined to", () => {
    for (const path of ["/cgi-bin/x/..%2f..%2fetc", "/cgi-bin/x/a%2f..", "/cgi-bin/x/..%5cetc"]) {
      assert.equal(splitScriptPath(path, CGI_DIRECTORIES).kind, "refused", path);
    }
    assert.equal(splitScriptPath("/cgi-bin/x/a..%2fb", CGI_DIRECTORIES).kind, "script");
  });

  it("never lets what is served as a file be in a CGI directory", () => {
    const segment = fc.constantFrom(
      "cgi-bin",
      "a",
      "",
      ".",
      "..",
      "%2e%2e",
      "%2f",
      "cgi-bin%2fx",
      "..%2f",
      "x",
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (parts) => {
        const path = `/${parts.join("/")}`;
        if (splitScriptPath(path, CGI_DIRECTORIES, "linux").kind !== "file") return;
        assert.doesNotMatch(canonicalPath(path), /^\/cgi-bin\/./);
      }),
    );
  });
});
