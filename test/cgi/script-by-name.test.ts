import assert from "node:assert/strict";
import { describe, it } from "node:test";

import {
  indexScripts,
  interpreterOf,
  isScriptName,
  leadsToScript,
  namesOfSource,
} from "../../src/cgi/script-by-name.ts";
import { collapseUrlPath } from "../../src/cgi/script-path.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

const PHP = { ".php": ["php-cgi"], ".cgi": [] };

describe("interpreterOf", () => {
  it("goes by the last extension, in any case", () => {
    assert.deepEqual(interpreterOf("/a/b.php", PHP), ["php-cgi"]);
    assert.deepEqual(interpreterOf("/a/b.PhP", PHP), ["php-cgi"]);
    assert.deepEqual(interpreterOf("/a.php/b.cgi", PHP), []);
    for (const file of ["/a/b.php.txt", "/a.php/b", "/a/.php", "/a/php", "/a/b.phpx", "/a/b."])
      assert.equal(interpreterOf(file, PHP), undefined, file);
  });

  it("knows ASCII letters only, and no names that objects have (CVE-2026-24895)", () => {
    assert.equal(interpreterOf("x.\u212Ahp", { ".khp": ["k"] }), undefined);
    assert.equal(interpreterOf("x.constructor", PHP), undefined);
  });
});

describe("isScriptName", () => {
  it("knows scripts, and what is left of them by editors", () => {
    for (const file of [
      "/a.php",
      "/a.PHP",
      "/a.php~",
      "/a.php.bak",
      "/a.cgi.orig",
      "/b/a.php.SAVE",
      "/a.php.gz",
      "/a.php.br",
      "/#a.php#",
      "/a.php.~12~",
      "/.a.php.swp",
      "/.a.php.swo",
      "/.a.php.un~",
      "/a.php.save.1",
      "/a.php.rej",
      "/a.php,v",
      "/a.php.dpkg-old",
      "/a.php.rpmsave",
      "/a.php.bak.gz",
      "/a.php.orig~",
      "/a.php.tar.xz",
    ])
      assert.ok(isScriptName(file, PHP), file);
    for (const file of [
      "/a.txt",
      "/a.txt~",
      "/a.bak",
      "/a.gz",
      "/a.css.gz",
      "/a.php/b.txt",
      "/a.phps",
      "/a.php.txt",
      "/a~",
      "/a.txt.bak.gz",
      "/~",
      "/.~1~",
    ])
      assert.ok(!isScriptName(file, PHP), file);
  });
});

describe("namesOfSource", () => {
  it("takes off one ending after the other, and comes to an end", () => {
    assert.deepEqual(namesOfSource("/a.php.bak.gz"), ["/a.php.bak.gz", "/a.php.bak", "/a.php"]);
    assert.deepEqual(namesOfSource("/a.txt"), ["/a.txt"]);
    assert.ok(namesOfSource(`/a${"~".repeat(250)}`).length < 10);
  });
});

describe("indexScripts", () => {
  it("has index.cgi, and one for each extension", () => {
    assert.deepEqual(indexScripts({}), ["index.cgi"]);
    assert.deepEqual(indexScripts(PHP), ["index.cgi", "index.php"]);
  });
});

describe("leadsToScript", () => {
  it("finds scripts by their extension, with what follows them, and for directories that they stand for", (context) => {
    const root = temporaryDirectory(context);
    for (const name of [
      "a.php",
      "sub/b.php",
      "sub/index.php",
      "page.txt",
      "dir.php/inner",
      "both/index.html",
      "both/index.php",
    ])
      put(root, name, "");
    const leads = (path: string): boolean =>
      leadsToScript(root, collapseUrlPath(path), PHP, ["index.html", "index.htm"]);
    for (const path of ["/a.php", "/a.php/info", "/a.php/", "//a.php", "/sub/b.php", "/sub/", "/x/../sub/"])
      assert.ok(leads(path), path);
    for (const path of [
      "/",
      "/page.txt",
      "/page.txt/a.php",
      "/none.php",
      "/sub",
      "/dir.php/inner",
      "/dir.php/",
      "/both/",
      "/sub%2fb.php",
    ])
      assert.ok(!leads(path), path);
    assert.ok(!leadsToScript(root, ["a.php"], {}, []), "without interpreters there are none");
    assert.ok(leadsToScript(root, ["sub", ""], PHP, ["index.php"]), "an index page that is a script is run");
    put(root, "cgi/index.cgi", "");
    assert.ok(
      !leadsToScript(root, ["cgi", ""], { ".php": ["x"] }, []),
      "index.cgi is a script in CGI directories only",
    );
    assert.ok(leads("/cgi/"));
  });
});
