import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Orphans } from "../../src/cgi/orphans.ts";
import { loadPosixSpawn } from "../../src/cgi/posix-spawn.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";
import { curl, startHtbin } from "../cli/htbin-process.ts";

/** Makes the program behind it process 1. Only root needs no new user for that. */
const UNSHARE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
if (process.getuid?.() !== 0) UNSHARE.push("--map-root-user");

describe("Orphans", () => {
  const children = (alive: number[], ended: number[]) => {
    const taken: number[] = [];
    const orphans = new Orphans(
      { hasEnded: (pid) => ended.includes(pid), takeAway: (pid) => taken.push(pid) },
      () => [...alive, ...ended].filter((pid) => !taken.includes(pid)),
    );
    return { orphans, taken, ended };
  };

  it("takes an ended child away at the second look, because Node may be about to", () => {
    const { orphans, taken } = children([7], [8]);
    orphans.look();
    assert.deepEqual(taken, []);
    orphans.look();
    assert.deepEqual(taken, [8]);
  });

  it("leaves alone what Node has taken away in between, and a new child under the same number later", () => {
    const { orphans, taken, ended } = children([7], [8]);
    orphans.look();
    ended.pop();
    orphans.look();
    ended.push(8);
    orphans.look();
    assert.deepEqual(taken, []);
  });

  it("finds orphans behind others that have not ended", () => {
    const { orphans, taken } = children([3, 4, 5], [9, 10]);
    orphans.look();
    orphans.look();
    assert.deepEqual(taken, [9, 10]);
  });
});

describe("htbin as process 1 of a container", () => {
  const cannot = spawnSync(UNSHARE[0]!, [...UNSHARE.slice(1), "true"]).status !== 0;
  const skip = cannot && "no namespace can be made here";

  it("takes away what scripts leave in the background, when it has ended", { skip }, async (context) => {
    if ((await loadPosixSpawn()) === undefined) return context.skip("no posix_spawn here");
    const folder = temporaryDirectory(context);
    const head = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n";
    putScript(folder, "cgi-bin/leave", `${head}sleep 0.2 >/dev/null 2>&1 &\necho $!\n`);
    putScript(folder, "cgi-bin/look", `${head}[ -e "/proc/$QUERY_STRING" ] && echo there || echo gone\n`);
    await using htbin = await startHtbin(["--cgi", "-d", folder], { before: UNSHARE });
    const left = (await curl(`${htbin.url}cgi-bin/leave`)).body.trim();
    assert.match(left, /^\d+$/);
    const look = async (): Promise<string> => (await curl(`${htbin.url}cgi-bin/look?${left}`)).body.trim();
    const deadline = performance.now() + 10_000;
    while ((await look()) === "there") {
      assert.ok(performance.now() < deadline, `process ${left} is still there`);
      await sleep(100);
    }
    assert.equal(await look(), "gone");
  });

  it("ends on SIGTERM, as for docker stop", { skip }, async () => {
    await using htbin = await startHtbin([], { before: UNSHARE });
    const began = performance.now();
    const { pid } = htbin.child;
    const first = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    process.kill(Number(first), "SIGTERM");
    assert.equal((await htbin.ended()).code, 0);
    assert.ok(performance.now() - began < 5_000, "long before docker would kill it");
  });
});
