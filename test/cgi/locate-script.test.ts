import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";

import { locateScript, type LocateOptions } from "../../src/cgi/locate-script.ts";
import { put, putScript, temporaryDirectory } from "./temporary-directory.ts";

function site(context: TestContext): string {
  const root = temporaryDirectory(context);
  putScript(root, "cgi-bin/x.sh", "#!/bin/sh\n");
  putScript(root, "cgi-bin/child-dir/file3.py", "#!/bin/sh\n");
  // Executable and hidden: an editor's copy, a hook.
  putScript(root, "cgi-bin/.hidden", "#!/bin/sh\n");
  put(root, "cgi-bin/data.txt", "secret");
  // What a visitor may not be led to.
  putScript(root, "outside.sh", "#!/bin/sh\n");
  return root;
}

function locate(root: string, path: string, options?: LocateOptions): ReturnType<typeof locateScript> {
  return locateScript(root, "/cgi-bin", path.split("/").map(decodeURIComponent), options);
}

describe("locateScript", () => {
  it("finds a script in the CGI directory", (context) => {
    const root = site(context);
    assert.deepEqual(locate(root, "x.sh"), {
      kind: "script",
      file: join(root, "cgi-bin/x.sh"),
      scriptName: "/cgi-bin/x.sh",
      pathInfo: undefined,
    });
  });

  it("goes down through directories, and leaves the rest to the script", (context) => {
    const root = site(context);
    assert.deepEqual(locate(root, "child-dir/file3.py/a/b%2Fc//d/"), {
      kind: "script",
      file: join(root, "cgi-bin/child-dir/file3.py"),
      scriptName: "/cgi-bin/child-dir/file3.py",
      pathInfo: "/a/b/c//d/",
    });
    assert.equal((locate(root, "x.sh/") as { pathInfo?: string }).pathInfo, "/");
  });

  it("skips empty segments in front of the script only", (context) => {
    const root = site(context);
    const found = locate(root, "/child-dir//file3.py//x");
    assert.equal(found.kind === "script" && found.scriptName, "/cgi-bin/child-dir/file3.py");
    assert.equal(found.kind === "script" && found.pathInfo, "//x");
  });

  it("tells a missing script by the name in the URL", (context) => {
    const root = site(context);
    assert.deepEqual(locate(root, "nothere.sh/info"), {
      kind: "missing",
      scriptName: "/cgi-bin/nothere.sh",
      reason: undefined,
    });
    assert.equal(locate(root, "child-dir/nothere").kind, "missing");
    assert.equal(locate(root, "a".repeat(300)).kind, "missing");
    assert.equal(locateScript(root, "/htbin", [""]).kind, "missing");
  });

  it("finds no plain file in a directory, and never lists it", (context) => {
    const root = site(context);
    assert.deepEqual(locate(root, ""), { kind: "notPlainFile", scriptName: "/cgi-bin/" });
    assert.deepEqual(locate(root, "child-dir/"), { kind: "notPlainFile", scriptName: "/cgi-bin/child-dir/" });
    assert.deepEqual(locate(root, "child-dir"), { kind: "notPlainFile", scriptName: "/cgi-bin/child-dir" });
  });

  it("finds no plain file in a pipe", { skip: process.platform === "win32" && "no mkfifo" }, (context) => {
    const root = site(context);
    execFileSync("mkfifo", [join(root, "cgi-bin/pipe")]);
    assert.equal(locate(root, "pipe").kind, "notPlainFile");
  });

  it(
    "does not run what is not executable",
    { skip: process.platform === "win32" && "no x bit" },
    (context) => {
      const root = site(context);
      assert.deepEqual(locate(root, "data.txt"), {
        kind: "notExecutable",
        scriptName: "/cgi-bin/data.txt",
        file: join(root, "cgi-bin/data.txt"),
      });
      const found = locate(root, "data.txt", { isExecutable: () => true });
      assert.equal(found.kind, "script");
    },
  );

  it("treats hidden names and encoded separators as missing", (context) => {
    const root = site(context);
    mkdirSync(join(root, "cgi-bin/.git"));
    for (const path of [
      ".hidden",
      ".git/x.sh",
      "child-dir%2Ffile3.py",
      "..%2foutside.sh",
      ".",
      "..",
      "%2e%2e/outside.sh",
    ]) {
      assert.equal(locate(root, path).kind, "missing", path);
    }
    assert.equal(locate(root, "x.sh/.hidden").kind, "script");
  });

  it("knows no other spelling of a script's name on Windows", (context) => {
    const root = site(context);
    const names = ["x.sh.", "x.sh%20", "x.sh::$DATA", "child-dir%5Cfile3.py", "x.s%3F", "C:", "x.sh%09"];
    for (const name of names) {
      assert.equal(locate(root, name, { platform: "win32" }).kind, "missing", name);
    }
  });

  it("runs a linked script inside the root, and one outside only where that is allowed", (context) => {
    const root = site(context);
    const elsewhere = temporaryDirectory(context);
    const program = putScript(elsewhere, "program", "#!/bin/sh\n");
    symlinkSync(program, join(root, "cgi-bin/out"));
    symlinkSync(elsewhere, join(root, "cgi-bin/out-dir"));
    symlinkSync(join(root, "cgi-bin/x.sh"), join(root, "cgi-bin/in"));
    symlinkSync("loop", join(root, "cgi-bin/loop"));
    symlinkSync("nothing", join(root, "cgi-bin/dangling"));
    assert.equal(locate(root, "in").kind, "script");
    assert.equal(locate(root, "out").kind, "missing");
    assert.equal(locate(root, "out-dir/program").kind, "missing");
    assert.equal(locate(root, "out", { followSymlinks: true }).kind, "script");
    assert.equal(locate(root, "loop").kind, "missing");
    const dangling = locate(root, "dangling");
    assert.ok(dangling.kind === "missing" && dangling.reason === "a symbolic link leads to nothing");
  });

  it("serves a root that is a link itself", (context) => {
    const root = site(context);
    const link = join(temporaryDirectory(context), "root");
    symlinkSync(root, link);
    assert.equal(locate(link, "x.sh").kind, "script");
  });
});
