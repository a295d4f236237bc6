import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { parseCommandLine } from "../../src/cli/options.ts";
import { scgiApplication } from "../cgi/fake-application.ts";
import { put, temporaryDirectory } from "../cgi/temporary-directory.ts";
import { curl, runHtbin, startHtbin } from "./htbin-process.ts";

function options(...words: string[]): unknown {
  const commandLine = parseCommandLine(words);
  assert.equal(commandLine.kind, "serve", words.join(" "));
  return "options" in commandLine ? commandLine.options : undefined;
}

function complaint(...words: string[]): string {
  const commandLine = parseCommandLine(words);
  assert.equal(commandLine.kind, "usage", words.join(" "));
  return "message" in commandLine ? commandLine.message : "";
}

describe("--fastcgi and --scgi", () => {
  it("are paths or extensions with an address each, several of them", () => {
    assert.deepEqual(
      options(
        "--fastcgi",
        "/app=127.0.0.1:9000",
        "--fastcgi=.php=unix:/run/a=b.sock",
        "--scgi",
        "fossil/=[::1]:9001",
      ),
      {
        fastcgi: { "/app": "127.0.0.1:9000", ".php": "unix:/run/a=b.sock" },
        scgi: { "/fossil": "[::1]:9001" },
      },
    );
    assert.deepEqual(options("--scgi", "/=a:1", "--cgi-debug"), { scgi: { "/": "a:1" }, cgiDebug: true });
  });

  it("say what is wrong with them", () => {
    assert.match(complaint("--fastcgi", "/app"), /names no address; write --fastcgi \/app=127\.0\.0\.1:9000/);
    assert.match(complaint("--fastcgi", "/app=9000"), /"9000" is no address; write unix:/);
    assert.match(complaint("--scgi", "/a=b:1", "--scgi", "/a/=b:2"), /"\/a" is there twice/);
    assert.match(complaint("--scgi", "/a?b=c:1"), /neither a path/);
    assert.match(complaint("--fastcgi", ".=c:1"), /neither a path/);
    // As the path /php it would leave the source of x.php to be sent.
    assert.match(
      complaint("--fastcgi", "php=c:1"),
      /write \/php for all below that path, or \.php for files/,
    );
  });
});

describe("htbin with an application", () => {
  it("lets it answer, and explains that, and sends files beside it", async (context) => {
    const root = temporaryDirectory(context);
    put(root, "a.txt", "text");
    const { address } = await scgiApplication(context, (socket, variables) => {
      socket.end(`Content-Type: text/plain\n\n${variables["SCRIPT_NAME"]} ${variables["PATH_INFO"]}`);
    });
    const words = ["--scgi", `/s=${address}`, "-b", "127.0.0.1", "-d", root];
    await using server = await startHtbin(["0", "-q", ...words]);
    assert.equal((await curl(`${server.url}s/x`)).body, "/s /x");
    assert.equal((await curl(`${server.url}a.txt`)).body, "text");
    const plan = await runHtbin(["explain", "/s/x", ...words]);
    assert.equal(plan.code, 0, plan.stderr);
    assert.ok(plan.stdout.includes(`asked         ${address} (SCGI)\n`), plan.stdout);
    assert.match(plan.stdout, /^ {2}PATH_INFO=\/x$/m);
    const run = await runHtbin(["explain", "--run", "/s/x", ...words]);
    assert.match(run.stdout, /^ {2}\| \/s \/x$/m);
    const gone = await runHtbin(["explain", "/s/x", "--fastcgi", "/s=unix:/no/such/socket", "-d", root]);
    assert.equal(gone.code, 1);
    assert.match(gone.stdout, /^verdict +application-unreachable: nobody listens/m);
  });
});
