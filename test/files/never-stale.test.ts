// Files that change at random between requests: every byte of every answer is what was on disk when its request arrived.
// `npm run fresh` does the same for a minute.

import assert from "node:assert/strict";
import { lstatSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../../soak/random.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { RawClient, type RawResponse } from "../raw-client.ts";
import { CHANGES, restore } from "./changes-on-disk.ts";
import { startSite } from "./running-site.ts";
import { emptyDirectory } from "./tree.ts";

const SECONDS = Number(process.env["HTBIN_FRESH_SECONDS"] ?? 1);
const SEED = Number(process.env["HTBIN_FRESH_SEED"] ?? Date.now() % 2 ** 31);

/** Each works on files of its own, and all at the same time. */
const WORKERS = 4;
/** Left alone until they are old enough to be kept in memory. */
const FILES = 60;
/** A little more than the cache waits after a change. */
const SETTLED = 2_700;

/** Sees which answers come from memory: only what is kept there is a string. */
class Watched extends SimpleHTTPRequestHandler {
  static fromMemory = 0;
  protected override writeBody(chunk: string | Uint8Array): void {
    if (typeof chunk === "string") Watched.fromMemory++;
    super.writeBody(chunk);
  }
}

/** What a fresh look at the disk says: the bytes, or the status of an answer without them. */
function onDisk(root: string, path: string): Buffer | number {
  const file = join(root, path);
  try {
    if (lstatSync(realpathSync(file)).isDirectory()) return 301;
    return realpathSync(file).startsWith(`${root}/`) ? readFileSync(file) : 404;
  } catch {
    return 404;
  }
}

interface File {
  readonly name: string;
  changed: number;
  /** Entity tags of earlier answers, and what they stood for. */
  readonly tags: Map<string, Buffer>;
}

class Worker {
  readonly #root: string;
  readonly #port: number;
  readonly #random: Random;
  readonly #files: File[] = [];
  readonly #last: string[] = [];
  asked = 0;

  constructor(root: string, port: number, number: number) {
    this.#root = root;
    this.#port = port;
    this.#random = new Random(SEED + number);
    for (let i = 0; i < FILES; i++) {
      const name = `w${number}-${i}/file`;
      restore(join(root, name), this.#random);
      this.#files.push({ name, changed: Date.now(), tags: new Map() });
    }
  }

  /** Changes one or two files again and again: what was changed a moment ago is what deceives most easily. */
  async changeOften(until: number): Promise<void> {
    const few = this.#files.slice(0, 2);
    while (Date.now() < until) await this.#changeAndAsk(this.#random.pick(few));
  }

  /** Changes each file that is in memory, once or a few times. */
  async changeKept(): Promise<void> {
    for (const file of this.#files.slice(2)) {
      if (Date.now() - file.changed < SETTLED) continue;
      await this.#ask(file);
      await this.#ask(file);
      const times = this.#random.integer(1, 3);
      for (let i = 0; i < times; i++) await this.#changeAndAsk(file);
    }
  }

  async #changeAndAsk(file: File): Promise<void> {
    const path = join(this.#root, file.name);
    const kind = this.#random.pick(Object.keys(CHANGES));
    this.#last.push(`${file.name} ${kind}`);
    restore(path, this.#random);
    CHANGES[kind]!(path, this.#random);
    file.changed = Date.now();
    await this.#ask(file);
    if (this.#random.chance(0.5)) await this.#ask(file);
  }

  /** Alone, in a pipeline, or over several connections: the request has arrived when it is sent, since nothing changes until the answer. */
  async #ask(file: File): Promise<void> {
    const expected = onDisk(this.#root, file.name);
    const [connections, depth] = this.#random.pick([
      [1, 1],
      [1, 4],
      [3, 1],
      [2, 3],
    ] as const);
    await Promise.all(Array.from({ length: connections }, () => this.#exchange(file, depth, expected)));
  }

  async #exchange(file: File, depth: number, expected: Buffer | number): Promise<void> {
    using client = await RawClient.connect(this.#port);
    const tags = [...file.tags.keys()];
    const condition =
      tags.length > 0 && this.#random.chance(0.3) ? `If-None-Match: ${this.#random.pick(tags)}\r\n` : "";
    client.send(`GET /${file.name} HTTP/1.1\r\nHost: x\r\n${condition}\r\n`.repeat(depth));
    for (const answer of (await client.responses(depth)).slice(0, depth))
      this.#judge(file, answer, expected, condition);
  }

  #judge(file: File, answer: RawResponse, expected: Buffer | number, condition: string): void {
    this.asked++;
    const said = `after ${this.#last.slice(-4).join("; ")} (seed ${SEED})`;
    if (typeof expected === "number") return assert.equal(answer.status, expected, said);
    const tag = answer.get("etag");
    if (answer.status === 304) {
      const [, asked] = /^If-None-Match: (.*)\r\n$/.exec(condition) ?? [];
      assert.ok(file.tags.get(asked!)?.equals(expected), `a stale 304 ${said}`);
      return;
    }
    assert.equal(answer.status, 200, said);
    assert.ok(answer.body.equals(expected), `stale or torn ${said}`);
    if (tag === undefined) return;
    const before = file.tags.get(tag);
    // A weak tag may stand for what was equal enough; a strong one for these bytes alone.
    if (before !== undefined && !tag.startsWith("W/"))
      assert.ok(before.equals(expected), `one tag for two contents ${said}`);
    if (!tag.startsWith("W/")) file.tags.set(tag, expected);
    if (file.tags.size > 5) file.tags.delete(file.tags.keys().next().value!);
  }
}

describe("files that change at random between requests", () => {
  it(
    "are never sent stale or torn, from disk or from memory",
    { timeout: SECONDS * 2_000 + 60_000 },
    async (t) => {
      t.diagnostic(`seed ${SEED}`);
      using directory = emptyDirectory();
      await using site = await startSite({ directory: directory.path }, Watched);
      const workers = Array.from({ length: WORKERS }, (_, i) => new Worker(directory.path, site.port, i));
      const made = Date.now();
      const end = made + SETTLED + SECONDS * 1000;
      do {
        const settled = Date.now() + (SECONDS > 1 ? SETTLED : Math.min(SETTLED, SECONDS * 1000));
        await Promise.all(workers.map((worker) => worker.changeOften(settled)));
        // The files that are to be in memory are old enough by then; no event tells that.
        await delay(Math.max(0, made + SETTLED - Date.now()));
        await Promise.all(workers.map((worker) => worker.changeKept()));
      } while (SECONDS > 1 && Date.now() < end);
      const asked = workers.reduce((sum, worker) => sum + worker.asked, 0);
      assert.ok(asked > 500, `${asked} answers`);
      assert.ok(Watched.fromMemory > 100, `${Watched.fromMemory} of ${asked} answers came from memory`);
      if (SECONDS > 1)
        console.log(`${asked} answers compared, ${Watched.fromMemory} of them from memory (seed ${SEED})`);
      assert.deepEqual(
        site.log.filter((line) => line.startsWith("handleError")),
        [],
      );
    },
  );
});
