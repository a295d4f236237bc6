// cgi 103–108: a script as a process (RFC 3875 §7.2).

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { startSite } from "../cgi/running-site.ts";
import { put } from "../cgi/temporary-directory.ts";
import {
  ARGUMENTS,
  ask,
  ENVIRONMENT,
  environmentOf,
  get,
  HELLO,
  noShell,
  SILENT,
  until,
} from "./cgi-site.ts";

describe("cgi 103–108: processes", { skip: noShell }, () => {
  it("cgi 103: a script starts in its own directory (RFC 3875 §7.2)", async (context) => {
    const site = await startSite(context);
    site.script("tools/x", "#!/bin/sh\necho Content-Type: text/plain\necho\npwd\ncat data\n");
    put(site.root, "cgi-bin/tools/data", "beside it");
    assert.equal((await ask(site, get("/cgi-bin/tools/x"))).body, `${site.root}/cgi-bin/tools\nbeside it`);
  });

  it("cgi 104: meta-variables are environment variables, and there are no arguments (RFC 3875 §7.2)", async (context) => {
    const site = await startSite(context);
    site.script("env", ENVIRONMENT);
    site.script("args", ARGUMENTS);
    assert.equal((await environmentOf(site, get("/cgi-bin/env?a+b")))["QUERY_STRING"], "a+b");
    assert.equal((await ask(site, get("/cgi-bin/args?a+b"))).body, "");
  });

  it("cgi 105: a script knows its own path, and no shell reads it", async (context) => {
    const site = await startSite(context);
    site.script("a 'b' $(c);&", '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n%s" "$0"\n');
    const { body } = await ask(site, get("/cgi-bin/a%20'b'%20$(c);&"));
    assert.equal(body, `${site.root}/cgi-bin/a 'b' $(c);&`);
  });

  it(
    "cgi 106: signals have their default effect in a script",
    { skip: !existsSync("/proc/self/status") && "no /proc" },
    async (context) => {
      const site = await startSite(context);
      site.script("x", "#!/bin/sh\necho Content-Type: text/plain\necho\nexec grep ^Sig /proc/self/status\n");
      const { body } = await ask(site, get("/cgi-bin/x"));
      const mask = (name: string): bigint => BigInt(`0x${new RegExp(`${name}:\\s*(\\w+)`).exec(body)?.[1]}`);
      assert.equal(mask("SigBlk"), 0n, body);
      // SIGPIPE is signal 13; a shell may ignore others for its own sake.
      assert.equal(mask("SigIgn") & (1n << 12n), 0n, body);
    },
  );

  it(
    "cgi 107: only stdin, stdout and stderr are open in a script",
    { skip: !existsSync("/proc/self/fd") && "no /proc" },
    async (context) => {
      const site = await startSite(context);
      // A shell holds its own file open as 10.
      const source =
        "fd=0; while [ $fd -lt 200 ]; do [ $fd != 10 ] && [ -e /proc/$$/fd/$fd ] && echo $fd; fd=$((fd+1)); done";
      site.script("x", `#!/bin/sh\necho Content-Type: text/plain\necho\n${source}\ntrue\n`);
      assert.equal((await ask(site, get("/cgi-bin/x"))).body, "0\n1\n2\n");
    },
  );

  it(
    "cgi 108: every script is reaped, whatever its end",
    { skip: !existsSync("/proc/self/stat") && "no /proc" },
    async (context) => {
      const site = await startSite(context);
      site.script("fine", HELLO);
      site.script("failed", "#!/bin/sh\nexit 1\n");
      site.script("killed", "#!/bin/sh\nkill -9 $$\n");
      site.script("none", "#!/no/such/interpreter\n");
      site.script("silent", SILENT);
      const leave = async (): Promise<void> => {
        const { socket, closed } = site.connect();
        socket.write(get("/cgi-bin/silent"));
        const before = site.logged.length;
        await until(() => site.logged.slice(before).some((line) => line.includes("pid ")));
        socket.resetAndDestroy();
        await closed;
      };
      for (let round = 0; round < 5; round++) {
        for (const name of ["fine", "failed", "killed", "none"]) await site.exchange(get(`/cgi-bin/${name}`));
        await leave();
      }
      await until(() => zombies().length === 0);
    },
  );
});

/** Children of this process that have ended and that nobody has asked about. */
function zombies(): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return state === "Z" && Number(parent) === process.pid;
    } catch {
      return false;
    }
  });
}
