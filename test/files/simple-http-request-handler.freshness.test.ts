// What is on disk when a request arrives is what is sent: files that change between requests, and while they are sent.

import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { parseResponses, RawClient } from "../raw-client.ts";
import { openFilesBelow, startSite, until } from "./running-site.ts";
import { emptyDirectory, put, putSparse } from "./tree.ts";

/** The same numbers for the same seed: a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One connection for thousands of requests. */
async function fetchFrom(port: number, agent: Agent, path: string): Promise<Buffer | number> {
  return new Promise((resolve, reject) => {
    get({ port, agent, path }, (response) => {
      if (response.statusCode === 200) buffer(response).then(resolve, reject);
      else response.resume().on("end", () => resolve(response.statusCode!));
    }).on("error", reject);
  });
}

/** A change of the file `name`, each of a kind that has deceived a cache somewhere. */
type Change = (file: string, random: (below: number) => number, directory: string) => void;

/** Other bytes of the same length, so that the size tells nothing. */
function otherBytes(size: number, random: (below: number) => number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i += 97) bytes[i] = random(256);
  if (size > 0) bytes[size - 1] = random(256);
  return bytes;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 100;

const CHANGES: Readonly<Record<string, Change>> = {
  "rewritten in place, same size": (file, random) => writeFileSync(file, otherBytes(sizeOf(file), random)),
  "one byte overwritten": (file, random) => {
    if (sizeOf(file) === 0) writeFileSync(file, "x");
    const fd = openSync(file, "r+");
    writeSync(fd, String.fromCharCode(33 + random(90)), random(sizeOf(file)));
    closeSync(fd);
  },
  "rewritten, same size, modification time set back": (file, random) => {
    const { atime, mtime } = statSync(file);
    writeFileSync(file, otherBytes(sizeOf(file), random));
    utimesSync(file, atime, mtime);
  },
  "rewritten, modification time a year ago": (file, random) => {
    writeFileSync(file, otherBytes(sizeOf(file), random));
    utimesSync(file, 1_600_000_000, 1_600_000_000);
  },
  "replaced by rename, same size and time": (file, random, directory) => {
    const { atime, mtime, size } = statSync(file);
    const fresh = join(directory, "fresh");
    writeFileSync(fresh, otherBytes(size, random));
    utimesSync(fresh, atime, mtime);
    renameSync(fresh, file);
  },
  truncated: (file, random) => truncateSync(file, random(sizeOf(file) + 1)),
  "longer by a few bytes": (file, random) => appendFileSync(file, otherBytes(random(500), random)),
  emptied: (file) => writeFileSync(file, ""),
  "written anew, another size": (file, random) => writeFileSync(file, otherBytes(random(300_000), random)),
  "removed and made again": (file, random) => {
    const size = sizeOf(file);
    unlinkSync(file);
    writeFileSync(file, otherBytes(size, random));
  },
  "become a link to another file": (file, random, directory) => {
    const target = join(directory, `target-${random(3)}`);
    writeFileSync(target, otherBytes(1000, random));
    rmSync(file);
    symlinkSync(target, file);
  },
  "swapped with another": (file, random, directory) => {
    const other = join(directory, "other");
    writeFileSync(other, otherBytes(sizeOf(file), random));
    const between = join(directory, "between");
    renameSync(file, between);
    renameSync(other, file);
    renameSync(between, other);
  },
};

describe("a file that changes between requests", () => {
  it("is sent as it is on disk, after hundreds of random changes", async () => {
    const seed = Date.now() % 2 ** 31;
    const random = randomFrom(seed);
    using directory = emptyDirectory();
    await using site = await startSite({ directory: directory.path });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const kinds = Object.keys(CHANGES);
    const last: string[] = [];
    const file = put(directory.path, "file", "start");
    for (let i = 0; i < 800; i++) {
      const kind = kinds[random(kinds.length)]!;
      last.push(kind);
      CHANGES[kind]!(file, random, directory.path);
      const expected = readFileSync(file);
      // Twice: the second may come from what the first has kept.
      for (let again = 0; again < 2; again++) {
        const sent = await fetchFrom(site.port, agent, "/file");
        assert.ok(
          typeof sent !== "number" && expected.equals(sent),
          `stale after ${last.slice(-5).join(", ")} (step ${i}, seed ${seed})`,
        );
      }
    }
    agent.destroy();
  });

  it("is sent as it is on disk when it was in memory before", async () => {
    const seed = Date.now() % 2 ** 31;
    const random = randomFrom(seed);
    using directory = emptyDirectory();
    await using site = await startSite({ directory: directory.path });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const kinds = Object.keys(CHANGES);
    const names = Array.from({ length: 300 }, (_, i) => `f${i}`);
    for (const name of names) {
      mkdirSync(join(directory.path, name));
      put(directory.path, `${name}/file`, otherBytes(random(2) === 0 ? 2000 : 60_000, random));
    }
    // Only files that have been left alone for a while are kept in memory; no event tells that the time has passed.
    await delay(2_700);
    for (const name of names) await fetchFrom(site.port, agent, `/${name}/file`);
    const open = openFilesBelow(directory.path);
    assert.ok(open <= 0);
    for (const [i, name] of names.entries()) {
      const kind = kinds[i % kinds.length]!;
      const file = join(directory.path, name, "file");
      for (let change = 0; change < 3; change++) {
        CHANGES[kind]!(file, random, join(directory.path, name));
        const sent = await fetchFrom(site.port, agent, `/${name}/file`);
        assert.ok(
          typeof sent !== "number" && readFileSync(file).equals(sent),
          `stale: ${kind} (file ${i}, change ${change}, seed ${seed})`,
        );
      }
    }
    // And what goes is gone; what becomes something else is that.
    for (const name of names.slice(0, 30)) {
      rmSync(join(directory.path, name, "file"));
      assert.equal(await fetchFrom(site.port, agent, `/${name}/file`), 404);
      mkdirSync(join(directory.path, name, "file"));
      assert.equal(await fetchFrom(site.port, agent, `/${name}/file`), 301);
    }
    agent.destroy();
  });

  it("is 404 as soon as it has become a link that leads outside", async () => {
    using base = emptyDirectory();
    const root = join(base.path, "www");
    put(base.path, "secret", "12345");
    await using site = await startSite({ directory: root });
    for (let i = 0; i < 20; i++) {
      const file = put(root, `f${i}`, "12345");
      assert.equal((await site.ask(`/f${i}`)).status, 200);
      rmSync(file);
      symlinkSync("../secret", file);
      assert.equal((await site.ask(`/f${i}`)).status, 404);
    }
  });
});

const SIZE = 64 * 1024 * 1024;

describe("a file that changes while it is sent", () => {
  /** Asks for a large file, and stops reading when it has begun to come. */
  async function beginDownload(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    await client.untilText("\r\n\r\n");
    client.socket.pause();
    return client;
  }

  it("ends visibly broken when it shrinks, and says so in the log", async () => {
    using directory = emptyDirectory();
    const file = putSparse(directory.path, "large", SIZE);
    await using site = await startSite({ directory: directory.path });
    using client = await beginDownload(site.port);
    truncateSync(file, 100_000);
    client.socket.resume();
    await client.until(() => client.hasEnded || client.isClosed);
    const [answer] = parseResponses(client.bytes);
    assert.equal(answer!.get("content-length"), String(SIZE));
    assert.ok(!answer!.isComplete && answer!.body.length < SIZE);
    await until(() => site.log.some((line) => line.includes("response cut")), "a word in the log");
    assert.ok(openFilesBelow(directory.path) <= 0);
  });

  it("is sent whole when it is removed or replaced, and as it was when it grows", async () => {
    using directory = emptyDirectory();
    const file = putSparse(directory.path, "large", SIZE);
    const before = readFileSync(file);
    await using site = await startSite({ directory: directory.path });
    const changes = [
      (): void => appendFileSync(file, "more"),
      (): void => renameSync(put(directory.path, "new", "new"), file),
      (): void => unlinkSync(file),
    ];
    for (const change of changes) {
      rmSync(file);
      writeFileSync(file, before);
      using client = await beginDownload(site.port);
      const end = client.bytes.indexOf("\r\n\r\n") + 4;
      change();
      client.socket.resume();
      await client.until(() => client.socket.bytesRead >= end + SIZE);
      assert.ok(client.bytes.subarray(end).equals(before));
    }
  });
});
