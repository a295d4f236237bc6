// What scripts of another user keep of root, and of a server that is killed: with the real program.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";

import { type RunningHtbin, startHtbin } from "../cli/htbin-process.ts";
import { isAlive, until } from "../conformance/cgi-site.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";

const skip =
  process.getuid?.() !== 0
    ? "only root can start scripts as another user"
    : !existsSync("/proc/self/status") && "there is no /proc to see capabilities in";

const HEAD = "#!/bin/sh\necho Content-Type: text/plain\necho\n";

async function start(
  context: TestContext,
  road: string,
  script: string,
  words: readonly string[] = [],
): Promise<RunningHtbin> {
  const root = temporaryDirectory(context);
  putScript(root, "cgi-bin/x", HEAD + script);
  const htbin = await startHtbin(["--bind", "127.0.0.1", "--cgi", "--directory", root, ...words, "0"], {
    env: { HTBIN_CGI_START: road, PATH: `${process.env["PATH"]}:/root/only` },
  });
  context.after(() => htbin[Symbol.asyncDispose]());
  return htbin;
}

async function bodyOf(htbin: RunningHtbin): Promise<string> {
  return (await fetch(new URL("/cgi-bin/x", htbin.url))).text();
}

describe("a script that root's server starts as nobody", { skip }, () => {
  for (const road of ["", "child_process"]) {
    it(`has no capability, no supplementary group, and no way back to root (${road || "posix_spawn"})`, async (context) => {
      const htbin = await start(context, road, "grep -E '^(Uid|Groups|Cap[IPEA])' /proc/self/status\n");
      const none = "0000000000000000";
      assert.equal(
        (await bodyOf(htbin)).replace(/[ \t]+$/gm, ""),
        `Uid:\t65534\t65534\t65534\t65534\nGroups:\nCapInh:\t${none}\nCapPrm:\t${none}\nCapEff:\t${none}\nCapAmb:\t${none}\n`,
      );
    });
  }

  for (const road of ["", "child_process"]) {
    it(`is not started where nobody may not, though it is a program and no text (${road || "posix_spawn"})`, async (context) => {
      const htbin = await start(context, road, "");
      const folder = /^Folder: (.*)$/m.exec(htbin.stdout)![1]!;
      const program = join(folder, "cgi-bin", "x");
      copyFileSync("/bin/true", program);
      for (const mode of [0o750, 0o4750]) {
        chmodSync(program, mode);
        assert.equal((await fetch(new URL("/cgi-bin/x", htbin.url))).status, 500, mode.toString(8));
      }
      await until(() =>
        /verdict +no-permission: the user nobody may not run /.test(htbin.stdout + htbin.stderr),
      );
      chmodSync(program, 0o755);
      // It prints nothing.
      assert.equal((await fetch(new URL("/cgi-bin/x", htbin.url))).status, 502);
    });
  }

  it("gets a PATH that it can use, or root's where that is asked for", async (context) => {
    const script = 'echo "$PATH"\n';
    assert.equal(await bodyOf(await start(context, "", script)), "/usr/local/bin:/usr/bin:/bin\n");
    assert.match(
      await bodyOf(await start(context, "", script, ["--cgi-pass-env", "PATH"])),
      /:\/root\/only\n$/,
    );
    assert.equal(
      await bodyOf(await start(context, "", script, ["--cgi-env", "PATH=/opt:/bin"])),
      "/opt:/bin\n",
    );
    assert.match(await bodyOf(await start(context, "", script, ["--cgi-user", "root"])), /:\/root\/only\n$/);
  });

  const hasSetpriv = spawnSync("setpriv", ["--version"]).status === 0;
  it(
    "is ended by the system when the server is killed",
    { skip: !hasSetpriv && "setpriv(1), which asks the system for that, is not installed" },
    async (context) => {
      const htbin = await start(context, "", "echo $$\nexec sleep 300\n");
      const response = await fetch(new URL("/cgi-bin/x", htbin.url));
      const reader = response.body!.getReader();
      const pid = Number(Buffer.from((await reader.read()).value!).toString());
      assert.ok(isAlive(pid));
      process.kill(htbin.child.pid!, "SIGKILL");
      await until(() => !isAlive(pid));
      await reader.cancel().catch(() => {});
    },
  );
});
