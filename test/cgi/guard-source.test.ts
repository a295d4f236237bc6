import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { leadsToSource } from "../../src/cgi/guard-source.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

const DIRECTORIES = ["/cgi-bin", "/htbin"];

describe("leadsToSource", () => {
  it("sees scripts through links to them and to their directory", (context) => {
    const root = temporaryDirectory(context);
    put(root, "cgi-bin/x.py", "");
    put(root, "cgi-bin-old/x.py", "");
    put(root, "a.txt", "");
    symlinkSync(join(root, "cgi-bin/x.py"), join(root, "link.txt"));
    symlinkSync(join(root, "cgi-bin"), join(root, "alias"));
    for (const path of ["/cgi-bin/x.py", "/link.txt", "/alias/x.py", "/alias/", "/cgi-bin/"]) {
      assert.equal(leadsToSource(root + path, root, DIRECTORIES), true, path);
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
      assert.equal(leadsToSource(root + path, root, DIRECTORIES), false, path);
    }
  });

  it("sees them where the CGI directory is a link itself", (context) => {
    const root = temporaryDirectory(context);
    const elsewhere = temporaryDirectory(context);
    put(elsewhere, "x.py", "");
    symlinkSync(elsewhere, join(root, "cgi-bin"));
    symlinkSync(join(elsewhere, "x.py"), join(root, "link.txt"));
    assert.equal(leadsToSource(join(root, "link.txt"), root, DIRECTORIES), true);
  });
});
