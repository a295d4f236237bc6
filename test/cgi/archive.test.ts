// A folder as one file to download, where there are scripts in it: their source is never sent, in no form.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { startSite } from "./running-site.ts";
import { put } from "./temporary-directory.ts";

describe("an archive of a folder with scripts", () => {
  it("holds the files beside them, and no source of a script", async (t) => {
    const site = await startSite(t, { cgiInterpreters: { ".php": ["php-cgi"] } });
    put(site.root, "a.txt", "text");
    put(site.root, "sub/page.php", "<?php secret");
    put(site.root, "sub/b.txt", "text");
    site.script("script", "#!/bin/sh\necho secret\n");
    put(site.root, "cgi-bin/deep/library.sh", "secret");
    symlinkSync(join(site.root, "cgi-bin/script"), join(site.root, "sub/link.txt"));
    const response = await fetch(`${site.url}/?archive=tar`);
    assert.equal(response.status, 200);
    const tar = Buffer.from(await response.arrayBuffer());
    assert.ok(!tar.includes("secret"));
    const { stdout } = spawnSync("tar", ["-t"], { input: tar, encoding: "utf8" });
    const files = stdout.split("\n").filter((name) => name !== "" && !name.endsWith("/"));
    assert.deepEqual(files.map((name) => name.slice(name.indexOf("/") + 1)).sort(), ["a.txt", "sub/b.txt"]);
    assert.notEqual((await fetch(`${site.url}/cgi-bin/?archive=tar`)).status, 200);
  });

  it("holds no source of an application, nor what an editor has left of it", async (t) => {
    const site = await startSite(t, { fastcgi: { ".php": "unix:/nowhere" }, single: "page.php" });
    put(site.root, "a.txt", "text");
    put(site.root, "page.php", "<?php secret");
    put(site.root, "sub/page.php~", "<?php secret");
    put(site.root, "sub/page.php.bak", "<?php secret");
    symlinkSync(join(site.root, "page.php"), join(site.root, "404.html"));
    const tar = Buffer.from(await (await fetch(`${site.url}/?archive=tar`)).arrayBuffer());
    assert.ok(tar.includes("a.txt"));
    assert.ok(!tar.includes("secret"));
    for (const path of ["/sub/page.php~", "/sub/page.php.bak", "/404.html", "/none"]) {
      const response = await fetch(site.url + path, { headers: { Accept: "text/html" } });
      // The application is asked for what is not there, and nobody listens.
      assert.equal(response.status, path === "/none" ? 502 : 404, path);
      assert.ok(!(await response.text()).includes("secret"), path);
    }
  });

  it("holds nothing that a program or an application answers for, nor the names of folders of scripts", async (t) => {
    const site = await startSite(t, {
      fastcgi: { "/app": "unix:/nowhere" },
      scgi: { "/deep/app": "unix:/nowhere" },
      cgiMounts: { "/git/": { program: "/bin/true" } },
    });
    for (const folder of ["app", "deep/app", "git", "cgi-bin/hidden"])
      put(site.root, `${folder}/inner/settings.py`, "secret");
    put(site.root, "app.txt", "text");
    put(site.root, "deep/a.txt", "text");
    for (const path of [
      "/app/inner/settings.py",
      "/app%2finner/settings.py",
      "/x/..%2fdeep/app/inner/settings.py",
    ])
      assert.ok(!(await (await fetch(site.url + path)).text()).includes("secret"), path);
    for (const [path, held] of [
      ["/", ["app.txt", "app/", "cgi-bin/", "deep/", "deep/a.txt", "deep/app/", "git/"]],
      ["/deep/", ["a.txt", "app/"]],
    ] as const) {
      const tar = Buffer.from(await (await fetch(`${site.url}${path}?archive=tar`)).arrayBuffer());
      assert.ok(!tar.includes("secret"), path);
      const { stdout } = spawnSync("tar", ["-t"], { input: tar, encoding: "utf8" });
      const names = stdout.split("\n").map((name) => name.slice(name.indexOf("/") + 1));
      assert.deepEqual(names.filter((name) => name !== "").sort(), held, path);
    }
  });

  it("holds what is in a folder that is called like a script", async (t) => {
    const site = await startSite(t, { fastcgi: { ".php": "unix:/nowhere" } });
    put(site.root, "manual.php/a.txt", "text");
    const tar = Buffer.from(await (await fetch(`${site.url}/?archive=tar`)).arrayBuffer());
    assert.ok(tar.includes("manual.php/a.txt"));
  });
});
