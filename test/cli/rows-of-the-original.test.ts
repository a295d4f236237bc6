// Rows 89–92 of the behaviour that the original's own test suite asserts: addresses and the command line.
// Where htbin differs on purpose the name says so, and docs/python.md gives the reason. Rows 26–29 are about TLS, which
// htbin leaves to a proxy; row 88 is about Python's module.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseCommandLine } from "../../src/cli/options.ts";
import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { temporaryDirectory } from "../cgi/temporary-directory.ts";
import { curl, runHtbin, startHtbin } from "./htbin-process.ts";

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === "::1"),
);

function options(...argv: string[]): unknown {
  const parsed = parseCommandLine(argv);
  assert.equal(parsed.kind, "serve", JSON.stringify(parsed));
  return (parsed as { options: unknown }).options;
}

describe("row 89: the family of an address", () => {
  for (const [host, family] of [
    ["127.0.0.1", 4],
    ["0.0.0.0", 4],
    ["::1", 6],
    ["::", 6],
  ] as const) {
    const skip = family === 6 && !hasIPv6 ? "no IPv6 on this machine" : false;
    it(`row 89: ${host} is bound as IPv${family}`, { skip }, async () => {
      await using server = new ThreadingHTTPServer([host, 0], BaseHTTPRequestHandler);
      await server.listen();
      assert.equal(isIP(server.serverAddress[0]), family);
    });
  }

  for (const host of ["", "localhost"]) {
    it(`row 89: '${host}' is bound as either`, async () => {
      await using server = new ThreadingHTTPServer([host, 0], BaseHTTPRequestHandler);
      await server.listen();
      assert.ok([4, 6].includes(isIP(server.serverAddress[0])));
    });
  }
});

describe("rows 90 and 92: the command line", () => {
  for (const port of [8000, 65535]) {
    it(`row 90: ${port} is a port`, () => assert.deepEqual(options(String(port)), { port }));
  }

  it("row 90: -d and --directory take any word", () => {
    for (const option of ["-d", "--directory"]) {
      assert.deepEqual(options(option, "/any/where else"), { directory: "/any/where else" });
    }
  });

  it("row 90: -b and --bind take names and addresses", () => {
    for (const option of ["-b", "--bind"]) {
      for (const bind of ["localhost", "127.0.0.1", "::1", "0.0.0.0", "8.8.8.8"]) {
        assert.deepEqual(options(option, bind), { bind });
      }
    }
  });

  it("row 90: -p and --protocol take HTTP/1.0 and HTTP/1.1, and, differs, no version that nobody could speak", () => {
    for (const option of ["-p", "--protocol"]) {
      for (const protocol of ["HTTP/1.0", "HTTP/1.1"])
        assert.deepEqual(options(option, protocol), { protocol });
      for (const protocol of ["HTTP/2.0", "HTTP/3.0"]) {
        assert.equal(parseCommandLine([option, protocol]).kind, "usage");
      }
    }
  });

  it("row 90: nothing said is nothing chosen: the defaults are those of serve()", () =>
    assert.deepEqual(options(), {}));

  it("row 90: -h and --help show the usage on stdout and nothing on stderr", async () => {
    for (const option of ["-h", "--help"]) {
      const { code, stdout, stderr } = await runHtbin([option]);
      assert.equal(code, 0);
      assert.match(stdout, /usage/i);
      assert.equal(stderr, "");
    }
  });

  it("row 90: an unknown option says nothing on stdout, an error on stderr, and ends with 2", async () => {
    const { code, stdout, stderr } = await runHtbin(["--unknown-option"]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /--unknown-option/);
  });

  it("row 92: --content-type and -H NAME VALUE are taken", () => {
    const parsed = options("--content-type", "text/plain", "-H", "X-A", "1", "-H", "X-A", "2");
    assert.deepEqual(parsed, {
      contentType: "text/plain",
      headers: [
        ["X-A", "1"],
        ["X-A", "2"],
      ],
    });
  });
});

describe("row 91: the real program", { timeout: 60_000 }, () => {
  it("row 91: its first line names address and port, and a file of random bytes arrives as it is", async (t) => {
    const folder = temporaryDirectory(t);
    const bytes = randomBytes(32).toString("hex");
    writeFileSync(join(folder, "served"), bytes);
    await using htbin = await startHtbin(["0", "-b", "127.0.0.1", "-d", folder]);
    assert.match(htbin.stdout, /^Serving HTTP on 127\.0\.0\.1 port \d+ /);
    assert.equal((await curl(`${htbin.url}served`)).body, bytes);
  });
});
