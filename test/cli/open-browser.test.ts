import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { browserOpener, openBrowser } from "../../src/cli/open-browser.ts";
import { emptyDirectory, put } from "../files/tree.ts";

const URL = "http://localhost:8000/a'b\"$(touch x)&calc";
const SCREEN = { DISPLAY: ":0" };

describe("browserOpener", () => {
  it("is a program of the system with the URL as one argument, and never a shell", () => {
    assert.deepEqual(browserOpener(URL, "linux", SCREEN), { command: "xdg-open", args: [URL] });
    assert.deepEqual(browserOpener(URL, "linux", { WAYLAND_DISPLAY: "wayland-0" }), {
      command: "xdg-open",
      args: [URL],
    });
    assert.deepEqual(browserOpener(URL, "linux", { WSL_DISTRO_NAME: "Debian" }), {
      command: "wslview",
      args: [URL],
    });
    assert.deepEqual(browserOpener(URL, "darwin", {}), { command: "open", args: [URL] });
    assert.deepEqual(browserOpener(URL, "win32", {}), {
      command: "rundll32",
      args: ["url.dll,FileProtocolHandler", URL],
    });
  });

  it("is nothing where there is no screen", () => {
    assert.equal(browserOpener(URL, "linux", {}), undefined);
  });
});

describe("openBrowser", { skip: process.platform === "win32" ? "a program of Unix" : false }, () => {
  it("passes the URL on to the byte", async () => {
    using folder = emptyDirectory();
    const program = put(folder.path, "xdg-open", '#!/bin/sh\nprintf %s "$*" > "$0.said"\n');
    chmodSync(program, 0o755);
    const env = { ...SCREEN, PATH: `${folder.path}:${process.env["PATH"]}` };
    assert.equal(await openBrowser(URL, "linux", env), undefined);
    assert.equal(readFileSync(`${program}.said`, "utf8"), URL);
  });

  it("says so when it cannot: no screen, no program, a program that fails", async () => {
    using folder = emptyDirectory();
    assert.match((await openBrowser(URL, "linux", {}))!, /^there is no screen/);
    assert.match(
      (await openBrowser(URL, "linux", { ...SCREEN, PATH: folder.path }))!,
      /^there is no program xdg-open/,
    );
    chmodSync(put(folder.path, "xdg-open", "#!/bin/sh\nexit 3\n"), 0o755);
    const env = { ...SCREEN, PATH: `${folder.path}:${process.env["PATH"]}` };
    assert.match((await openBrowser(URL, "linux", env))!, /^xdg-open could not open/);
    assert.ok(!(await openBrowser(URL, "linux", { PATH: join(folder.path, "nowhere") }))!.endsWith("."));
  });
});
