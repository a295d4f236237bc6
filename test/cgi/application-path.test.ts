import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import {
  type ApplicationPath,
  findByExtension,
  findByPath,
  isSourceOf,
  listApplications,
} from "../../src/cgi/application-path.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

const applications = listApplications({ "/app": "a:1", "/app/deep": "a:2", ".php": "a:3" }, { "/s": "a:4" });

function names(found: ApplicationPath): string {
  if (found.kind !== "application") return found.kind;
  const { application, script } = found;
  return `${application.protocol} ${application.at}|${script.scriptName}|${script.pathInfo ?? "-"}`;
}

describe("findByPath", () => {
  const at = (path: string, list = applications): string => names(findByPath(path, list, "/srv"));

  it("gives all below a path to its application, the longest path first", () => {
    assert.equal(at("/app"), "fastcgi /app|/app|-");
    assert.equal(at("/app/"), "fastcgi /app|/app|/");
    assert.equal(at("/app/x/y.php"), "fastcgi /app|/app|/x/y.php");
    assert.equal(at("/app/deep/x"), "fastcgi /app/deep|/app/deep|/x");
    assert.equal(at("/app/deeper"), "fastcgi /app|/app|/deeper");
    assert.equal(at("/s/x"), "scgi /s|/s|/x");
    assert.equal(at("//app//x//y"), "fastcgi /app|/app|//x//y");
    assert.equal(at("/%61pp/a%20b%2Fc"), "fastcgi /app|/app|/a b/c");
  });

  it("leaves the rest alone, and resolves dots before it looks", () => {
    assert.equal(at("/"), "other");
    assert.equal(at("/application"), "other");
    assert.equal(at("/App/x"), "other");
    assert.equal(at("/app/../x"), "other");
    assert.equal(at("/x/../app/y"), "fastcgi /app|/app|/y");
  });

  it("gives everything to an application at the root, whose SCRIPT_NAME is empty", () => {
    const list = listApplications({}, { "/": "a:1" });
    assert.equal(at("/", list), "scgi /||/");
    assert.equal(at("/a/b", list), "scgi /||/a/b");
  });

  it("refuses disguised ways to the files in a folder of that name", () => {
    // The slash within the segment made it another path here, and the file /srv/app/settings.py for those who serve files.
    for (const path of [
      "/app%2fsettings.py",
      "/app%2Fx/y",
      "/x/..%2fapp/y",
      "/x%2f../app/y",
      "/app/deep%2fx",
    ])
      assert.match(at(path), /^(?:refused|fastcgi \/app)/, path);
    assert.equal(at("/app%2fsettings.py"), "refused");
    assert.equal(at("/x/..%2fapp/y"), "refused");
    assert.equal(at("/x%2fapp/y"), "other");
  });

  it("refuses a PATH_INFO that would lead out of any directory", () => {
    assert.equal(at("/app/..%2f..%2fetc"), "refused");
  });
});

describe("findByExtension", () => {
  it("finds a file with the extension, and the path behind it", (context) => {
    const root = temporaryDirectory(context);
    const file = put(root, "blog/post.php", "");
    put(root, "blog/x.txt", "");
    put(root, ".hidden.php", "");
    const options = { indexPages: ["index.html"], followSymlinks: false };
    const at = (path: string): string => names(findByExtension(path, applications, root, options));
    assert.equal(at("/blog/post.php"), "fastcgi .php|/blog/post.php|-");
    assert.equal(at("/blog/post.php/a/b"), "fastcgi .php|/blog/post.php|/a/b");
    assert.equal(at("/blog/x.txt"), "other");
    assert.equal(at("/blog/x.txt/post.php"), "other");
    assert.equal(at("/blog/none.php"), "other");
    assert.equal(at("/.hidden.php"), "other");
    const found = findByExtension("/blog/post.php", applications, root, options);
    assert.equal(found.kind === "application" && found.script.file, file);
  });

  it("takes index.php of a directory that has no other index page", (context) => {
    const root = temporaryDirectory(context);
    put(root, "index.php", "");
    put(root, "both/index.php", "");
    put(root, "both/index.html", "");
    put(root, "none/x", "");
    const options = { indexPages: ["index.html"], followSymlinks: false };
    const at = (path: string): string => names(findByExtension(path, applications, root, options));
    assert.equal(at("/"), "fastcgi .php|/index.php|-");
    assert.equal(at("/both/"), "other");
    assert.equal(at("/none/"), "other");
    assert.equal(at("/nothing/"), "other");
  });

  it("goes through no link that leads out of the folder", (context) => {
    const root = temporaryDirectory(context);
    const outside = temporaryDirectory(context);
    put(outside, "x.php", "");
    symlinkSync(join(outside, "x.php"), join(root, "x.php"));
    const find = (followSymlinks: boolean): string =>
      names(findByExtension("/x.php", applications, root, { indexPages: [], followSymlinks }));
    assert.equal(find(false), "other");
    assert.equal(find(true), "fastcgi .php|/x.php|-");
  });
});

describe("isSourceOf", () => {
  it("sees a source under its own name, in another case, behind a link, and as an index page", (context) => {
    const root = temporaryDirectory(context);
    const file = put(root, "x.php", "");
    put(root, "Y.PHP", "");
    put(root, "x.php.txt", "");
    symlinkSync(file, join(root, "link.txt"));
    symlinkSync(file, join(root, "index.html"));
    const isSource = (name: string): boolean => isSourceOf(join(root, name), applications, ["index.html"]);
    for (const name of ["x.php", "Y.PHP", "link.txt"]) assert.ok(isSource(name), name);
    assert.ok(isSourceOf(`${root}/`, applications, ["index.html"]));
    for (const name of ["x.php.txt", "none.php"]) assert.ok(!isSource(name), name);
    assert.ok(!isSourceOf(file, [], ["index.html"]));
  });
});
