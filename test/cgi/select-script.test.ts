import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { type ScriptPlaces, selectScript } from "../../src/cgi/select-script.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

describe("selectScript", () => {
  const places: ScriptPlaces = {
    directories: ["/cgi-bin", "/app/tools/bin"],
    mounts: { "/app": { program: "/program" }, "/cgi-bin/git": { program: "/git" } },
    interpreters: {},
    root: "/nowhere",
    indexPages: [],
  };
  const kind = (path: string, changes: Partial<ScriptPlaces> = {}): string => {
    const selection = selectScript(path, { ...places, ...changes });
    return selection.kind === "script" && selection.info.mount !== undefined ? "mount" : selection.kind;
  };

  it("lets the deeper of a mount and a CGI directory win, and the mount where they are one", () => {
    assert.equal(kind("/cgi-bin/x"), "script");
    assert.equal(kind("/cgi-bin/git/x"), "mount");
    assert.equal(kind("/app/x"), "mount");
    assert.equal(kind("/app/tools/bin/x"), "script");
    assert.equal(kind("/cgi-bin/x", { mounts: { "/": { program: "/all" } } }), "script");
    assert.equal(kind("/cgi-bin", { mounts: { "/": { program: "/all" } } }), "mount");
    assert.equal(kind("/cgi-bin/x", { mounts: { "/cgi-bin": { program: "/all" } } }), "mount");
    assert.equal(kind("/x"), "file");
  });

  it("refuses paths that climb by encoded separators, and disguised ways into a mount's directory", () => {
    assert.equal(kind("/app/..%2f..%2fx"), "refused");
    assert.equal(kind("/app%2fx"), "refused");
    assert.equal(kind("/cgi-bin%2fx"), "refused");
    assert.equal(kind("/cgi-bin%2fgit%2fx"), "refused");
  });

  it("finds scripts by their names last, below the served directory", (context) => {
    const root = temporaryDirectory(context);
    put(root, "x.php", "");
    const selection = selectScript("/x.php/info", { ...places, root, interpreters: { ".php": ["php-cgi"] } });
    assert.deepEqual(selection, { kind: "script", info: { directory: "/", segments: ["x.php", "info"] } });
  });
});
