import assert from "node:assert/strict";
import { existsSync, fstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { spool, type SpooledBody } from "../../src/cgi/spool.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

async function* pieces(count: number, size: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < count; i++) {
    await sleep(0);
    yield Buffer.alloc(size, i);
  }
}

async function contentOf(body: SpooledBody): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body.read()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function expected(count: number, size: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of pieces(count, size)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What a descriptor of this process is open on; empty for the one that read the list. */
function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

describe("spool", () => {
  for (const [name, count, size] of [
    ["an empty body", 0, 0],
    ["a body that fits in memory", 4, 250],
    ["a body of exactly the limit", 1, 1000],
    ["a body one byte longer", 1, 1001],
    ["a body of many pieces", 50, 333],
  ] as const) {
    it(`gives back ${name} with its exact length`, async (context) => {
      const directory = temporaryDirectory(context);
      const body = await spool(pieces(count, size), 1000, directory);
      assert.equal(body.length, count * size);
      assert.deepEqual(readdirSync(directory), [], "the file has no name");
      assert.deepEqual(await contentOf(body), await expected(count, size));
      await body.close();
    });
  }

  it("keeps no descriptor: not after use, not unread, not half read, not after an error", async (context) => {
    if (!existsSync("/proc/self/fd")) return context.skip("no /proc");
    const directory = temporaryDirectory(context);
    const open = (): number => readdirSync("/proc/self/fd").length;
    const before = open();
    for (let i = 0; i < 20; i++) {
      const read = await spool(pieces(3, 1000), 100, directory);
      await contentOf(read);
      await read.close();
      const unread = await spool(pieces(3, 1000), 100, directory);
      await unread.close();
      const half = await spool(pieces(3, 100_000), 100, directory);
      for await (const chunk of half.read()) {
        assert.ok(chunk !== undefined);
        break;
      }
      await half.close();
      async function* failing(): AsyncGenerator<Buffer> {
        yield* pieces(3, 1000);
        throw new Error("the client has gone");
      }
      await assert.rejects(spool(failing(), 100, directory), /gone/);
    }
    assert.ok(open() <= before, `${open()} descriptors, before ${before}`);
  });

  it("stores a long body in a file without a name, that nobody else can open", async (context) => {
    if (!existsSync("/proc/self/fd")) return context.skip("no /proc");
    const directory = temporaryDirectory(context);
    const body = await spool(pieces(3, 1000), 100, directory);
    assert.deepEqual(readdirSync(directory), []);
    const modes = readdirSync("/proc/self/fd")
      .filter((fd) => targetOf(fd).startsWith(directory))
      .map((fd) => fstatSync(Number(fd)).mode & 0o777);
    assert.deepEqual(modes, [0o600]);
    await body.close();
  });

  it("answers a full disk by an error of its own", async (context) => {
    if (!existsSync("/dev/full")) return context.skip("no /dev/full");
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10);
      throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
    };
    await assert.rejects(spool(failing(), 1, temporaryDirectory(context)), {
      code: "ERR_CGI_NO_SPACE",
      status: 500,
    });
  });

  it("says that nothing can be stored where no file can be made: a read-only container has no /tmp", async (context) => {
    const long = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10);
    };
    await assert.rejects(spool(long(), 1, join(temporaryDirectory(context), "missing")), {
      code: "ERR_CGI_NO_SPACE",
      status: 500,
      message: /cannot be stored in .*missing \(ENOENT\)/,
    });
  });
});
