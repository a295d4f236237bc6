import assert from "node:assert/strict";
import { dirname } from "node:path";
import { describe, it } from "node:test";

import { serve } from "../../src/cli/serve.ts";
import { checkScripts } from "../../src/cli/check-scripts.ts";
import { putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";

const ERROR = { name: "StartError", code: "ERR_START_OPTION" };

describe("checkScripts", { skip: process.platform === "win32" && "x bits" }, () => {
  it("asks for programs that are there", (context) => {
    const program = putScript(temporaryDirectory(context), "x", "");
    checkScripts({ cgiMounts: { "/x": { program } }, cgiInterpreters: { ".sh": ["sh"], ".cgi": [] } });
    assert.throws(() => checkScripts({ cgiMounts: { "/x": { program: `${program}y` } } }), {
      ...ERROR,
      message: /^there is no program .*y that can be run for \/x; check the path/,
    });
    assert.throws(() => checkScripts({ cgiMounts: { "/x": { program: dirname(program) } } }), {
      ...ERROR,
      message: /is a folder, and a mount is one program; .* --cgi --follow-symlinks$/,
    });
    assert.throws(() => checkScripts({ cgiInterpreters: { ".x": ["no-such-program"] } }), {
      ...ERROR,
      message: /^there is no program no-such-program in PATH to run \.x files with; install it/,
    });
  });

  it("refuses variables that tell a script about its request", (context) => {
    const program = putScript(temporaryDirectory(context), "x", "");
    for (const name of ["QUERY_STRING", "path_info", "HTTP_ACCEPT", "Http_X"]) {
      for (const options of [
        { cgiEnvironment: { [name]: "x" } },
        { cgiPassEnvironment: [name] },
        { cgiMounts: { "/x": { program, environment: { [name]: "" } } } },
      ]) {
        assert.throws(() => checkScripts(options), { ...ERROR, message: /tells a script about its request/ });
      }
    }
    checkScripts({ cgiEnvironment: { HTTPS: "on", REMOTE_USER: "git", EMPTY: "" } });
  });
});

describe(
  "serve() with scripts",
  { skip: process.platform === "win32" && "the scripts are for /bin/sh" },
  () => {
    const HELLO = "#!/bin/sh\necho Content-Type: text/plain\necho\necho $SCRIPT_NAME $GREETING\n";

    it("runs mounts and CGI directories without cgi, and never sends cgi-bin as files then", async (context) => {
      const directory = temporaryDirectory(context);
      const program = putScript(temporaryDirectory(context), "program", HELLO);
      putScript(directory, "cgi-bin/x", HELLO);
      await using server = await serve({
        directory,
        port: 0,
        bind: "127.0.0.1",
        banner: false,
        quiet: true,
        cgiMounts: { "/m": { program, environment: { GREETING: "mounted" } } },
        cgiEnvironment: { GREETING: "all" },
      });
      const text = async (path: string): Promise<string> =>
        (await fetch(`http://127.0.0.1:${server.serverPort}${path}`)).text();
      assert.equal(await text("/m"), "/m mounted\n");
      assert.equal(await text("/cgi-bin/x"), "/cgi-bin/x all\n");
    });

    it("refuses what cannot work before it listens", async () => {
      const rejects = (options: object, message: RegExp): Promise<void> =>
        assert.rejects(serve({ port: 0, banner: false, ...options }), { ...ERROR, message });
      await rejects({ cgiMounts: { "/x": { program: "/no/such/program" } } }, /there is no program/);
      await rejects({ cgiMounts: { "/x": { program: "relative" } } }, /has to be an absolute path/);
      await rejects({ cgiMounts: { "/x": {} } }, /cgiMounts has no program for "\/x"; write \{ program:/);
      await rejects({ cgiMounts: { "/x": { program: "/x", requestBody: "keep" } } }, /"store" or "stream"/);
      await rejects({ cgiMounts: { x: { program: "/x" } } }, /"x" is no path/);
      await rejects({ cgiMounts: [] }, /has to be an object/);
      await rejects({ cgiDirectories: "/x" }, /has to be a list of paths/);
      await rejects({ cgiDirectories: ["/a/../b"] }, /is no path/);
      await rejects({ cgiInterpreters: { php: ["x"] } }, /is no extension/);
      await rejects({ cgiInterpreters: { ".php": "x" } }, /has to be a list of texts/);
      await rejects({ cgi: true, cgiEnvironment: { A: 1 } }, /has to be a text/);
      await rejects({ cgi: true, cgiPassEnvironment: "A" }, /has to be a list of names/);
      await rejects({ cgi: false, cgiDirectories: ["/x"] }, /cgi is false/);
    });
  },
);
