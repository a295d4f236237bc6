import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { makeAuthenticator } from "../../src/files/authenticator.ts";
import { readCredentials } from "../../src/files/credentials.ts";
import { parsePasswordFile, PasswordFileError, standInHash } from "../../src/files/password-file.ts";
import { HASHED, REFUSED_HASHES } from "./hashed-passwords.ts";
import { emptyDirectory, put } from "./tree.ts";

const basic = (credentials: string | Uint8Array): string =>
  `Basic ${Buffer.from(credentials as string).toString("base64")}`;

describe("readCredentials (RFC 7617 §2)", () => {
  it("splits at the first colon, and reads UTF-8", () => {
    assert.deepEqual(
      ["a:b", "a:b:c", "a:", ":b", "j\u00f6rg:\u00f6"].map((text) => {
        const { user, password } = readCredentials(basic(text))!;
        return [user, password];
      }),
      [
        ["a", "b"],
        ["a", "b:c"],
        ["a", ""],
        ["", "b"],
        ["j\u00f6rg", "\u00f6"],
      ],
    );
  });

  it("finds none in other schemes, control characters, what is no UTF-8, and more than 1024 bytes", () => {
    for (const field of [
      undefined,
      "",
      "Basic",
      "Basic ",
      "Bearer YTpi",
      "Basic YTpi YTpi",
      "Basic YTpi, Basic YTpi",
      basic("no colon"),
      basic("a\nb:c"),
      basic("a:b\0"),
      basic(Buffer.from([0x61, 0x3a, 0xff])),
      basic(`a:${"b".repeat(1023)}`),
      `Basic ${"A".repeat(100_000)}`,
    ]) {
      assert.equal(readCredentials(field), undefined, field?.slice(0, 40));
    }
    assert.ok(readCredentials(basic(`a:${"b".repeat(1022)}`)) !== undefined);
  });
});

describe("parsePasswordFile", () => {
  it("reads a user and a hash from each line, but for comments and empty lines; the first of a name counts", () => {
    const [one, two] = HASHED.map(({ hash }) => hash);
    const users = parsePasswordFile(`# users\r\n\nada:${one}\r\nada:${two}\n  \ngrace:${two}:more\n`);
    assert.deepEqual(
      [...users],
      [
        ["ada", one],
        ["grace", two],
      ],
    );
  });

  it("reads what an editor has saved with a byte order mark: the first user comes in as well", () => {
    const { hash } = HASHED[0]!;
    assert.deepEqual([...parsePasswordFile(`\ufeffada:${hash}\r\n`).keys()], ["ada"]);
  });

  it("refuses hashes that are broken, unknown, or would take minutes, and says what to do", () => {
    for (const hash of REFUSED_HASHES) {
      assert.throws(
        () => parsePasswordFile(`ada:${HASHED[0]!.hash}\nuser:${hash}\n`),
        (error: unknown) => error instanceof PasswordFileError && /^line 2 .*htpasswd -B/.test(error.message),
        hash,
      );
    }
    assert.throws(() => parsePasswordFile("ada\n"), /line 1 is not "user:hash"/);
    assert.throws(() => parsePasswordFile("# nobody\n"), /no user/);
  });
});

describe("a file of passwords", () => {
  it("made by the real htpasswd lets in its users", async (t) => {
    using folder = emptyDirectory();
    const file = put(folder.path, "users", "");
    for (const [user, option] of [
      ["ada", "-bB"],
      ["grace", "-b5"],
    ] as const) {
      const { error } = spawnSync("htpasswd", [option, file, user, `${user}'s pass w\u00f6rd`]);
      if (error !== undefined) return t.skip("htpasswd is missing");
    }
    const authenticator = makeAuthenticator(`@${file}`);
    for (const user of ["ada", "grace"]) {
      const right = basic(`${user}:${user}'s pass w\u00f6rd`);
      assert.deepEqual(await authenticator.check(right, "a"), { kind: "known", user });
      assert.deepEqual(await authenticator.check(basic(`${user}:${user}`), "a"), { kind: "unknown" });
    }
  });

  it("remembers who was right without a promise, and who was wrong not at all", async () => {
    using folder = emptyDirectory();
    const { user, password, hash } = HASHED[0]!;
    const authenticator = makeAuthenticator(`@${put(folder.path, "users", `${user}:${hash}\n`)}`);
    const right = basic(`${user}:${password}`);
    assert.ok(authenticator.check(right, "a") instanceof Promise);
    assert.equal((await authenticator.check(right, "a")).kind, "known");
    assert.deepEqual(authenticator.check(right, "a"), { kind: "known", user });
    const wrong = basic(`${user}:wrong`);
    assert.equal((await authenticator.check(wrong, "a")).kind, "unknown");
    assert.ok(authenticator.check(wrong, "a") instanceof Promise);
  });

  it("forgets after five minutes", async (t) => {
    using folder = emptyDirectory();
    const { user, password, hash } = HASHED[0]!;
    const authenticator = makeAuthenticator(`@${put(folder.path, "users", `${user}:${hash}\n`)}`);
    const now = t.mock.method(performance, "now", () => 0);
    await authenticator.check(basic(`${user}:${password}`), "a");
    now.mock.mockImplementation(() => 5 * 60_000);
    const verdict = authenticator.check(basic(`${user}:${password}`), "a");
    assert.ok(verdict instanceof Promise);
    assert.equal((await verdict).kind, "known");
  });

  it("has one of its hashes for each unknown name, always the same: some take longer (CVE-2026-27480)", () => {
    const users = new Map(HASHED.map(({ user, hash }) => [user, hash]));
    const names = Array.from({ length: 200 }, (_, i) => `nobody-${i}`);
    const hashes = names.map((name) => standInHash(name, users));
    assert.deepEqual(new Set(hashes), new Set(users.values()));
    assert.deepEqual(
      names.map((name) => standInHash(name, users)),
      hashes,
    );
  });

  it("does not let in with a password that is being worked on while another takes its place", async () => {
    using folder = emptyDirectory();
    const { password, hash } = HASHED.find((each) => each.user === "slow")!;
    const file = put(folder.path, "users", `ada:${hash}\n`);
    const authenticator = makeAuthenticator(`@${file}`);
    const old = basic(`ada:${password}`);
    const before = authenticator.check(old, "a");
    put(folder.path, "users", `ada:${HASHED[1]!.hash}\n`);
    const after = authenticator.check(old, "a");
    assert.deepEqual([await before, await after], [{ kind: "unknown" }, { kind: "unknown" }]);
    assert.deepEqual(await authenticator.check(old, "a"), { kind: "unknown" });
  });

  it("works on a name that is not there as on one that is (CVE-2026-27480)", async () => {
    using folder = emptyDirectory();
    const { user, hash } = HASHED.find((each) => each.user === "slow")!;
    const authenticator = makeAuthenticator(`@${put(folder.path, "users", `${user}:${hash}\n`)}`);
    const verdict = authenticator.check(basic("nobody:slow secret"), "a");
    // Not refused on the spot: it waits for a hash that is worked on.
    assert.ok(verdict instanceof Promise);
    assert.equal((await verdict).kind, "unknown");
  });

  it("bounds what waits: 8 of one client, 64 of all", async () => {
    using folder = emptyDirectory();
    const { user, hash } = HASHED.find((each) => each.user === "slow")!;
    const cheap = HASHED[0]!;
    const authenticator = makeAuthenticator(
      `@${put(folder.path, "users", `${cheap.user}:${cheap.hash}\n${user}:${hash}\n`)}`,
    );
    const verdicts = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        Promise.resolve(authenticator.check(basic(`ada:wrong ${i}`), `client ${i % 10}`)),
      ),
    );
    assert.equal(verdicts.filter(({ kind }) => kind === "unknown").length, 64);
    assert.equal(verdicts.filter(({ kind }) => kind === "busy").length, 36);
    const ofOne = await Promise.all(
      Array.from({ length: 20 }, (_, i) => Promise.resolve(authenticator.check(basic(`ada:no ${i}`), "one"))),
    );
    assert.equal(ofOne.filter(({ kind }) => kind === "unknown").length, 8);
  });
});
