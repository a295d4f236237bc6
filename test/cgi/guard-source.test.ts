import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { leadsToSource } from "../../src/cgi/guard-source.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

const DIRECTORIES = ["/cgi-bin", "/htbin"];
const INDEX_PAGES = ["index.html", "index.htm"];

describe("leadsToSource", () => {
  it("sees scripts through links to them and to their directory", (context) => {
    const root = temporaryDirectory(context);
    put(root, "cgi-bin/x.py", "");
    put(root, "cgi-bin-old/x.py", "");
    put(root, "a.txt", "");
    symlinkSync(join(root, "cgi-bin/x.py"), join(root, "link.txt"));
    symlinkSync(join(root, "cgi-bin"), join(root, "alias"));
    for (const path of ["/cgi-bin/x.py", "/link.txt", "/alias/x.py", "/alias/", "/cgi-bin/"]) {
      assert.equal(leadsToSource(root + path, root, DIRECTORIES, INDEX_PAGES), true, path);
    }
    for (const path of [
      "/a.txt",
      "/cgi-bin",
      "/alias",
      "/cgi-bin-old/x.py",
      "/",
      "/nothere",
      "/cgi-bin/nothere",
    ]) {
      assert.equal(leadsToSource(root + path, root, DIRECTORIES, INDEX_PAGES), false, path);
    }
  });

  it("sees them where the CGI directory is a link itself", (context) => {
    const root = temporaryDirectory(context);
    const elsewhere = temporaryDirectory(context);
    put(elsewhere, "x.py", "");
    symlinkSync(elsewhere, join(root, "cgi-bin"));
    symlinkSync(join(elsewhere, "x.py"), join(root, "link.txt"));
    assert.equal(leadsToSource(join(root, "link.txt"), root, DIRECTORIES, INDEX_PAGES), true);
  });

  it("sees them where the index page of a directory is a link to one", (context) => {
    const root = temporaryDirectory(context);
    put(root, "cgi-bin/x.py", "");
    put(root, "plain/index.html", "");
    put(root, "docs/a.txt", "");
    symlinkSync(join(root, "cgi-bin/x.py"), join(root, "docs/index.htm"));
    assert.equal(leadsToSource(join(root, "docs/"), root, DIRECTORIES, INDEX_PAGES), true);
    assert.equal(leadsToSource(join(root, "docs/a.txt"), root, DIRECTORIES, INDEX_PAGES), false);
    assert.equal(leadsToSource(join(root, "plain/"), root, DIRECTORIES, INDEX_PAGES), false);
  });

  it("takes all for scripts where the root itself is a CGI directory", (context) => {
    const root = temporaryDirectory(context);
    put(root, "x.py", "");
    put(root, "docs/a.txt", "");
    symlinkSync(root, join(root, "docs/up"));
    for (const path of ["/x.py", "/", "/docs/", "/docs/a.txt", "/docs/up/x.py"]) {
      assert.equal(leadsToSource(root + path, root, ["/"], INDEX_PAGES), true, path);
    }
  });
});
