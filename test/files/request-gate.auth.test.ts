// Passwords, on a whole server (RFC 7617).

import assert from "node:assert/strict";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { RawClient } from "../raw-client.ts";
import { type Settings, startSite, until } from "./running-site.ts";
import { HASHED } from "./hashed-passwords.ts";
import { emptyDirectory, put, SECRET } from "./tree.ts";

interface Options extends Settings {
  auth?: string;
  cors?: boolean;
  base?: string;
}

let folder: ReturnType<typeof emptyDirectory>;
before(() => {
  folder = emptyDirectory();
  put(folder.path, "a.txt", SECRET);
  chmodSync(
    put(
      folder.path,
      "cgi-bin/who",
      `#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s %s %s' "$AUTH_TYPE" "$REMOTE_USER" "\${HTTP_AUTHORIZATION:-none}"\n`,
    ),
    0o755,
  );
});
after(() => folder[Symbol.dispose]());

function site(options: Options, Base = SimpleHTTPRequestHandler): ReturnType<typeof startSite> {
  return startSite({ directory: folder.path, ...options }, Base);
}

function basic(credentials: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

describe("auth", () => {
  it("asks for a password before anything else, whatever the method and the path", async () => {
    await using server = await site({ auth: "ada:se:cret", base: "/pre" }, CGIHTTPRequestHandler);
    for (const target of ["/pre/a.txt", "/pre/", "/pre/nothing", "/pre/cgi-bin/who", "/", "/%zz", "*"]) {
      for (const method of ["GET", "HEAD", "POST", "PUT", "BREW", "OPTIONS"]) {
        if (target === "*" && method !== "OPTIONS") continue;
        const answer = await server.ask(target, { method });
        assert.equal(answer.status, 401, `${method} ${target}`);
        assert.equal(answer.get("www-authenticate"), 'Basic realm="htbin", charset="UTF-8"');
        assert.ok(!answer.text.includes(SECRET));
      }
    }
  });

  it("lets in who knows it, colons and UTF-8 included", async () => {
    await using server = await site({ auth: "ada:se:cr\u00e9t" });
    assert.equal((await server.ask("/a.txt", { fields: basic("ada:se:cr\u00e9t") })).text, SECRET);
    const scheme = { Authorization: basic("ada:se:cr\u00e9t")["Authorization"]!.replace("Basic", "bAsIc ") };
    assert.equal((await server.ask("/a.txt", { fields: scheme })).status, 200);
  });

  it("lets in nobody else", async () => {
    await using server = await site({ auth: "ada:secret" });
    for (const credentials of [
      "ada:",
      "ada:Secret",
      "ada:secret ",
      "Ada:secret",
      ":secret",
      "ada",
      "",
      "ada:secret\0",
      "a:da:secret",
    ]) {
      assert.equal((await server.ask("/a.txt", { fields: basic(credentials) })).status, 401, credentials);
    }
    for (const Authorization of [
      "Basic",
      "Basic !!!",
      "Bearer YWRhOnNlY3JldA==",
      "YWRhOnNlY3JldA==",
      "Basic YWRhOnNlY3JldA== x",
    ]) {
      assert.equal((await server.ask("/a.txt", { fields: { Authorization } })).status, 401, Authorization);
    }
    // Two fields: a proxy may have checked the other one.
    using client = await RawClient.connect(server.port);
    const field = `Authorization: ${basic("ada:secret")["Authorization"]}\r\n`;
    client.send(`GET /a.txt HTTP/1.1\r\nHost: a\r\n${field}${field}\r\n`);
    assert.equal((await client.responses(1))[0]!.status, 401);
  });

  it("checks each request of a connection, pipelined ones in their order", async () => {
    await using server = await site({ auth: "ada:secret" });
    using client = await RawClient.connect(server.port);
    const field = `Authorization: ${basic("ada:secret")["Authorization"]}\r\n`;
    const request = (fields: string): string => `GET /a.txt HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
    client.send([field, "", field, ""].map(request).join(""));
    assert.deepEqual(
      (await client.responses(4)).map(({ status }) => status),
      [200, 401, 200, 401],
    );
  });

  it("does not take the body of a refused request for another one", async () => {
    await using server = await site({ auth: "ada:secret" }, CGIHTTPRequestHandler);
    using client = await RawClient.connect(server.port);
    const body = "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(
      `POST /cgi-bin/who HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}GET / HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    assert.deepEqual(
      (await client.responses(2)).map(({ status }) => status),
      [401, 401],
    );
  });

  it("tells scripts, the log and overrides who it is; the password stays here (RFC 3875 §4.1.11)", async () => {
    const users: (string | undefined)[] = [];
    class Handler extends CGIHTTPRequestHandler {
      override logRequest(): void {
        users.push(this.authenticatedUser, this.remoteUser());
      }
    }
    await using server = await site({ auth: "ada:secret" }, Handler);
    assert.equal((await server.ask("/cgi-bin/who", { fields: basic("ada:secret") })).text, "Basic ada none");
    // On one connection nobody is taken for the one before.
    using client = await RawClient.connect(server.port);
    for (const credentials of ["ada:secret", "eve:secret"]) {
      const field = `Authorization: ${basic(credentials)["Authorization"]}\r\n`;
      client.send(`GET /cgi-bin/who HTTP/1.1\r\nHost: a\r\n${field}\r\n`);
    }
    await client.responses(2);
    await until(() => users.length >= 6, "all requests logged");
    assert.deepEqual(users, ["ada", "ada", "ada", "ada", undefined, "-"]);
  });

  it("names nobody in the log for what is answered before a password is asked for", async () => {
    // The user of the request before it on the connection stood there: behind a proxy that is somebody else.
    const users: string[] = [];
    class Noting extends SimpleHTTPRequestHandler {
      override logRequest(code?: number | string): void {
        users.push(`${code} ${this.remoteUser()}`);
      }
    }
    await using server = await site({ auth: "ada:secret", cors: true }, Noting);
    const first = `GET /a.txt HTTP/1.1\r\nHost: a\r\nAuthorization: ${basic("ada:secret")["Authorization"]}\r\n\r\n`;
    for (const second of [
      "OPTIONS /a.txt HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nAccess-Control-Request-Method: GET\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n",
      "GET /a.txt HTTP/1.1\r\n\r\n",
      "nonsense\r\n\r\n",
    ]) {
      using client = await RawClient.connect(server.port);
      client.send(first + second);
      await client.responses(2);
    }
    await until(() => users.length === 8, "all requests logged");
    assert.deepEqual(users.sort(), [
      "200 ada",
      "200 ada",
      "200 ada",
      "200 ada",
      "204 -",
      "400 -",
      "400 -",
      "417 -",
    ]);
  });

  it("that no password can fit is told to the log, and 500: nobody would ever come in", async () => {
    for (const auth of ["ada", "ada:", ":secret", ""]) {
      await using server = await site({ auth });
      assert.equal((await server.ask("/a.txt", { fields: basic("ada:") })).status, 500);
      assert.match(server.log.join("\n"), /auth needs a user and a password with a colon between them/);
    }
  });

  it("is not asked for in a preflight, which carries none and is told nothing", async () => {
    await using server = await site({ auth: "ada:secret", cors: true });
    const fields = { Origin: "https://app.example", "Access-Control-Request-Method": "GET" };
    assert.equal((await server.ask("/a.txt", { method: "OPTIONS", fields })).status, 204);
    const refused = await server.ask("/a.txt");
    assert.equal(refused.status, 401);
    assert.equal(refused.get("access-control-allow-origin"), "*");
    assert.equal((await server.ask("/a.txt", { method: "OPTIONS" })).status, 401);
  });

  it("is asked for in a preflight, too, where pages of other sites may read nothing", async () => {
    await using server = await site({ auth: "ada:secret" });
    const fields = { Origin: "https://app.example", "Access-Control-Request-Method": "GET" };
    const refused = await server.ask("/a.txt", { method: "OPTIONS", fields });
    assert.equal(refused.status, 401);
    assert.equal(refused.get("access-control-allow-methods"), undefined);
  });
});

describe("auth with a file of passwords", () => {
  it("lets in its users, with bcrypt and SHA-512", async () => {
    using own = emptyDirectory();
    const file = put(own.path, "users", HASHED.map(({ user, hash }) => `${user}:${hash}\n`).join(""));
    await using server = await site({ auth: `@${file}` });
    for (const { user, password } of HASHED) {
      const answers = [];
      for (let i = 0; i < 3; i++)
        answers.push(await server.ask("/a.txt", { fields: basic(`${user}:${password}`) }));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
        user,
      );
      assert.equal((await server.ask("/a.txt", { fields: basic(`${user}:wrong`) })).status, 401);
    }
    assert.equal((await server.ask("/a.txt", { fields: basic("nobody:secret") })).status, 401);
    assert.equal((await server.ask("/a.txt")).status, 401);
  });

  it("reads it again when it has changed: who was taken out is out, whatever was remembered", async () => {
    using own = emptyDirectory();
    const [first, second] = HASHED;
    const file = put(own.path, "users", `${first!.user}:${first!.hash}\n`);
    await using server = await site({ auth: `@${file}` });
    const asFirst = { fields: basic(`${first!.user}:${first!.password}`) };
    const asSecond = { fields: basic(`${second!.user}:${second!.password}`) };
    assert.equal((await server.ask("/a.txt", asFirst)).status, 200);
    assert.equal((await server.ask("/a.txt", asSecond)).status, 401);
    writeFileSync(file, `# changed\n${second!.user}:${second!.hash}\n`);
    assert.equal((await server.ask("/a.txt", asFirst)).status, 401);
    assert.equal((await server.ask("/a.txt", asSecond)).status, 200);
  });

  it("lets in nobody when it is gone or broken, tells the log why, and goes on when it is back", async () => {
    using own = emptyDirectory();
    const { user, password, hash } = HASHED[0]!;
    const file = put(own.path, "users", `${user}:${hash}\n`);
    await using server = await site({ auth: `@${file}` });
    const request = { fields: basic(`${user}:${password}`) };
    assert.equal((await server.ask("/a.txt", request)).status, 200);
    rmSync(file);
    const answer = await server.ask("/a.txt", request);
    assert.equal(answer.status, 500);
    assert.ok(!answer.text.includes(file));
    assert.ok(server.log.some((line) => line.includes("the file of passwords cannot be used")));
    writeFileSync(file, `${user}:$apr1$salt$hash\n`);
    assert.equal((await server.ask("/a.txt", request)).status, 500);
    writeFileSync(file, `${user}:${hash}\n\n`);
    assert.equal((await server.ask("/a.txt", request)).status, 200);
  });

  it(
    "answers others meanwhile, and 503 where one client has too many checked",
    { timeout: 60_000 },
    async () => {
      using own = emptyDirectory();
      // bcrypt with cost 9: tens of milliseconds each.
      const slow = HASHED.find(({ user }) => user === "slow")!;
      const file = put(own.path, "users", `${slow.user}:${slow.hash}\n`);
      await using server = await site({ auth: `@${file}` });
      const fields = (password: string): Record<string, string> => basic(`slow:${password}`);
      // Known from here on.
      assert.equal((await server.ask("/a.txt", { fields: fields(slow.password) })).status, 200);
      const wrong = Array.from({ length: 30 }, (_, i) =>
        server.ask("/a.txt", { fields: fields(`wrong ${i}`) }),
      );
      let isDone = false;
      const all = Promise.all(wrong).finally(() => (isDone = true));
      assert.equal((await server.ask("/a.txt", { fields: fields(slow.password) })).status, 200);
      assert.ok(!isDone, "a password that is known waits for none that is worked on");
      const answers = await all;
      const statuses = new Set(answers.map(({ status }) => status));
      assert.deepEqual(statuses, new Set([401, 503]));
      const busy = answers.find(({ status }) => status === 503);
      assert.equal(busy!.get("retry-after"), "1");
    },
  );

  it("works once on what a client sends several times at once", async () => {
    using own = emptyDirectory();
    const slow = HASHED.find(({ user }) => user === "slow")!;
    const file = put(own.path, "users", `${slow.user}:${slow.hash}\n`);
    await using server = await site({ auth: `@${file}` });
    const asked = Array.from({ length: 20 }, () =>
      server.ask("/a.txt", { fields: basic(`slow:${slow.password}`) }),
    );
    assert.deepEqual(
      (await Promise.all(asked)).map(({ status }) => status),
      Array.from({ length: 20 }, () => 200),
    );
  });

  it("fails at the first request, with 500, where a program has named a file that is not there", async () => {
    await using server = await site({ auth: `@${join(folder.path, "nowhere")}` });
    assert.equal((await server.ask("/a.txt")).status, 500);
  });
});
