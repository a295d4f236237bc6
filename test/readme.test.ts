// Every example of README.md is run as it stands there, with any free port in place of 8000.

import { describe, it, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { longNames, OPTION_GROUPS, withValue } from "../src/cli/option-row.ts";
import { OPTION_TABLE } from "../src/cli/option-table.ts";
import { cleanEnvironment, type RunningProgram, startProgram, urlOf } from "./running-program.ts";

const root = join(import.meta.dirname, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const isRoot = process.getuid?.() === 0;

interface Example {
  readonly number: number;
  readonly language: string;
  readonly code: string;
}

/** A heading `### 3. …`, and the fenced block below it. */
const EXAMPLE = /^### (\d+)\. .*\n+```(\w+)\n([\s\S]*?)^```$/gm;

const examples: Example[] = [...readme.matchAll(EXAMPLE)].map((match) => ({
  number: Number(match[1]),
  language: match[2]!,
  code: match[3]!,
}));

describe(
  "the examples of README.md",
  { skip: process.platform === "win32" && "they are for a Unix shell" },
  () => {
    let folder = "";

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "htbin-readme-"));
      chmodSync(folder, 0o755); // scripts that run as nobody have to get in
      mkdirSync(join(folder, "dist"));
      mkdirSync(join(folder, "public"));
      writeFileSync(join(folder, "hello.txt"), "hello\n");
      writeFileSync(join(folder, "dist", "app.js"), "");
      writeFileSync(join(folder, "public", "hello.txt"), "hello\n");
      writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(root, join(folder, "node_modules", "htbin"));
      compile(folder);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it("are ten, and each is run below", () => {
      assert.deepEqual(
        examples.map(({ number, language }) => `${number} ${language}`),
        ["1 sh", "2 sh", "3 sh", "4 sh", "5 sh", "6 sh", "7 ts", "8 ts", "9 ts", "10 js"],
      );
      const all = [...readme.matchAll(/^```(?:sh|ts|js)$/gm)];
      assert.equal(
        all.length,
        examples.length,
        "a block of code stands outside the examples: nobody runs it",
      );
    });

    it("1: serves a folder", async () => {
      assert.equal(await runShell(1), "hello\n");
    });

    it("2: another folder and port, for this machine only", async () => {
      let banner = "";
      const listing = await runShell(2, (server) => {
        banner = server.firstLine;
      });
      assert.match(banner, /^Serving HTTP on 127\.0\.0\.1 port \d+ \(http:\/\/127\.0\.0\.1:\d+\/\) \.\.\.$/);
      assert.match(listing, /Directory listing for \//);
      assert.match(listing, /href="app\.js"/);
    });

    it("3: sends a header with every file", async () => {
      const head = await runShell(3);
      assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
      assert.match(head, /^Cache-Control: no-store\r$/m);
      assert.match(head, /^Access-Control-Allow-Origin: \*\r$/m);
    });

    it("4: runs a shell script", async () => {
      assert.match(await runShell(4), /^You asked with GET for \/please\.\n/);
    });

    it("5: runs a Perl script that takes a form", async (t) => {
      if (!isThere("perl")) return t.skip("perl is missing");
      assert.equal(await runShell(5), "Hello, Ada!\n");
    });

    it("6: is a git server", async (t) => {
      if (!isThere("git")) return t.skip("git is missing");
      await runShell(6, () => {
        const demo = join(folder, "demo.git");
        if (isRoot) spawnSync("chown", ["-R", "nobody", demo]); // as the text says
        rmSync(join(folder, "demo"), { recursive: true, force: true });
      });
      assert.ok(existsSync(join(folder, "demo", ".git")));
    });

    it("7: a handler of your own", async () => {
      await using program = await startExample(7);
      const response = await fetch(new URL("/a%20b?c", localUrl(program)));
      assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
      assert.equal(await response.text(), "You asked for /a%20b?c\n");
    });

    it("8: bodies as streams", async () => {
      await using program = await startExample(8);
      const body = "over and over again\n".repeat(200_000);
      const response = await fetch(localUrl(program), { method: "POST", body });
      assert.equal(response.status, 200);
      const packed = Buffer.from(await response.arrayBuffer());
      assert.ok(packed.length < body.length / 10);
      assert.equal(gunzipSync(packed).toString(), body);
    });

    it("9: changes one thing about files", async () => {
      await using program = await startExample(9);
      const url = localUrl(program);
      const file = await fetch(new URL("hello.txt", url));
      assert.equal(file.headers.get("access-control-allow-origin"), "*");
      assert.equal(await file.text(), "hello\n");
      const draft = await fetch(new URL("drafts/plan.txt", url));
      assert.equal(draft.status, 403);
      assert.equal(draft.statusText, "Not yet");
      assert.equal(draft.headers.get("access-control-allow-origin"), "*");
    });

    it("10: the command, from a program", async () => {
      // It ends by itself, and soon: nothing of the server keeps the process alive.
      const { stdout } = await promisify(execFile)(process.execPath, [fileOf(folder, 10)], {
        cwd: folder,
        env: cleanEnvironment(),
        timeout: 8_000,
      });
      assert.equal(stdout, "200 hello\n\n");
    });

    /**
     * What the client's part prints. The server's part ends with its command `npx htbin …`, which becomes the program of this
     * checkout; the port comes from its first line, as a program that starts htbin would take it.
     */
    async function runShell(
      number: number,
      whenReady: (server: RunningProgram) => void = () => {},
    ): Promise<string> {
      const [server = "", client = ""] = codeOf(number, "sh").split("# in another terminal\n");
      assert.ok(server && client, `example ${number} has a server and a client`);
      const program = `exec '${process.execPath}' '${join(root, "bin", "htbin.js")}'`;
      const withoutPort = /^npx htbin$/m;
      const command = server
        .replace(withoutPort, "npx htbin 8000")
        .replace(/^npx htbin 8000/m, `${program} 0`);
      await using running = await startProgram("sh", ["-e", "-c", command], folder);
      const { port } = new URL(urlOf(running));
      whenReady(running);
      const { stdout } = await promisify(execFile)(
        "sh",
        ["-e", "-c", client.replaceAll(":8000/", `:${port}/`)],
        {
          cwd: folder,
          env: cleanEnvironment(),
        },
      );
      return stdout;
    }

    function startExample(number: number): Promise<RunningProgram> {
      return startProgram(process.execPath, [fileOf(folder, number)], folder);
    }
  },
);

describe("README.md", () => {
  it("has the options of --help, each under the same names", () => {
    const rows = [...readme.matchAll(/^\| (`-.*?`) \| .+ \|$/gm)].map((match) =>
      match[1]!.replaceAll("`", ""),
    );
    const expected = OPTION_GROUPS.flatMap((group) => OPTION_TABLE.filter((row) => row.group === group)).map(
      (row) => {
        const short = row.short === undefined ? [] : [`-${row.short}`];
        const names = [...short, ...longNames(row).map((name) => `--${name}`)].join(", ");
        return withValue(row, names);
      },
    );
    assert.deepEqual(rows, expected);
  });

  it("names only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    for (const document of ["README.md", "CONTRIBUTING.md"]) {
      const text = readFileSync(join(root, document), "utf8");
      for (const [, name] of text.matchAll(/\bnpm run (\w+)/g)) {
        assert.ok((name ?? "") in scripts, `${document}: npm run ${name}`);
      }
    }
  });
});

function codeOf(number: number, language: string): string {
  const example = examples.find((each) => each.number === number);
  assert.equal(example?.language, language, `example ${number}`);
  return example.code;
}

/** Writes the programs down and type-checks them as strictly as htbin itself. */
function compile(folder: string): void {
  const programs = examples.filter(({ language }) => language !== "sh");
  for (const { number, language, code } of programs) {
    writeFileSync(join(folder, `example-${number}.${language}`), code.replaceAll("8000", "0"));
  }
  const options = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      rootDir: folder,
      outDir: folder,
      declaration: false,
      sourceMap: false,
      inlineSources: false,
      // Declared in lib.dom for those who write for browsers; here it would only hide mistakes.
      typeRoots: [join(root, "node_modules", "@types")],
    },
    include: [join(folder, "*.ts")],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

function fileOf(folder: string, number: number): string {
  return join(folder, `example-${number}.js`);
}

/** The URL that an example prints. */
function localUrl(program: RunningProgram): string {
  assert.match(program.firstLine, /^http:\/\/(localhost|127\.0\.0\.1):\d+\/$/, program.stderr());
  return program.firstLine;
}

function isThere(command: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, command)));
}
