// The users of a file that `htpasswd` has made, as it is on disk when a request arrives.

import { readFileSync, type Stats, statSync } from "node:fs";
import { type Credentials, readCredentials } from "./credentials.ts";
import { keyedHash } from "./keyed-hash.ts";
import { PasswordQueue } from "./password-queue.ts";
import { type Authenticator, UNKNOWN, type PasswordVerdict } from "./password-verdict.ts";

/** A file of passwords that cannot be used. The message is a sentence without its full stop. */
export class PasswordFileError extends Error {
  override name = "PasswordFileError";
}

/** bcrypt, and the SHA-512 of crypt(3) with up to a million rounds. */
const HASH =
  /^(?:\$2[aby]\$(?:0[4-9]|1[0-7])\$[./A-Za-z0-9]{53}|\$6\$(?:rounds=\d{1,6}\$)?[^$:]{1,16}\$[./A-Za-z0-9]{86})$/;

/**
 * User name → hash.
 * @throws {PasswordFileError} for a line that is none, and for hashes that are not checked here
 */
export function parsePasswordFile(text: string): Map<string, string> {
  const users = new Map<string, string>();
  // A byte order mark would be part of the first name, and its user never come in.
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const [user = "", hash] = line.split(":");
    if (hash === undefined || user === "") {
      throw new PasswordFileError(`line ${index + 1} is not "user:hash"; make it with htpasswd -B`);
    }
    if (!HASH.test(hash)) {
      throw new PasswordFileError(
        `line ${index + 1} has no hash of bcrypt or SHA-512; make it anew with htpasswd -B or htpasswd -5`,
      );
    }
    // As in Apache, the first line of a name counts.
    if (!users.has(user)) users.set(user, hash);
  }
  if (users.size === 0) throw new PasswordFileError("it has no user; add one with htpasswd -B");
  return users;
}

/**
 * What is worked on for a name that is not there: it takes as long as one that is, as the time must not tell
 * them apart (CVE-2026-27480). Hashes of one file may take longer than others. So each unknown name has one
 * of them for its own, as a known name has.
 */
export function standInHash(user: string, users: ReadonlyMap<string, string>): string {
  const hashes = [...users.values()];
  return hashes[keyedHash(Buffer.from(user, "utf8")).readUInt32LE(0) % hashes.length]!;
}

/** Milliseconds for which a password that was right need not be worked on again. */
const REMEMBERED = 5 * 60_000;
const MOST_REMEMBERED = 1000;

interface Remembered {
  readonly verdict: PasswordVerdict;
  readonly until: number;
}

export class PasswordFile implements Authenticator {
  readonly #path: string;
  readonly #queue = new PasswordQueue();
  #stats: Stats;
  #users: Map<string, string>;
  /** By their keyed hash: of a password that is known nothing is kept. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(path: string) {
    this.#path = path;
    this.#stats = statSync(path);
    this.#users = parsePasswordFile(readFileSync(path, "utf8"));
  }

  check(authorization: string | undefined, client: string): PasswordVerdict | Promise<PasswordVerdict> {
    try {
      this.#refresh();
    } catch (error) {
      return { kind: "unreadable", why: `the file of passwords cannot be used: ${(error as Error).message}` };
    }
    const credentials = readCredentials(authorization);
    if (credentials === undefined) return UNKNOWN;
    const key = keyedHash(credentials.bytes).toString("base64");
    const remembered = this.#remembered.get(key);
    if (remembered !== undefined && remembered.until > performance.now()) return remembered.verdict;
    return this.#work(credentials, key, client);
  }

  /** A changed file counts from the next request on: who was taken out of it is out. */
  #refresh(): void {
    const stats = statSync(this.#path);
    const was = this.#stats;
    if (
      stats.mtimeMs === was.mtimeMs &&
      stats.ctimeMs === was.ctimeMs &&
      stats.ino === was.ino &&
      stats.size === was.size
    )
      return;
    this.#users = parsePasswordFile(readFileSync(this.#path, "utf8"));
    this.#stats = stats;
    this.#remembered.clear();
  }

  async #work({ user, password }: Credentials, key: string, client: string): Promise<PasswordVerdict> {
    const users = this.#users;
    const hash = users.get(user);
    const isRight = await this.#queue.verify(key, password, hash ?? standInHash(user, users), client);
    if (isRight === "busy") return { kind: "busy" };
    // While it was worked on, the file may have been changed.
    if (!isRight || hash === undefined || this.#users.get(user) !== hash) return UNKNOWN;
    const verdict: PasswordVerdict = { kind: "known", user };
    this.#remembered.delete(key);
    this.#remembered.set(key, { verdict, until: performance.now() + REMEMBERED });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MOST_REMEMBERED) this.#remembered.delete(oldest!);
    return verdict;
  }
}
