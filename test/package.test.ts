import { describe, it, before, after } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment, isOffline, startProgram, urlOf } from "./running-program.ts";

const root = join(import.meta.dirname, "..", "..");

describe("the packed package", () => {
  let folder = "";
  let skip = "";
  let packed: string[] = [];
  let tarball = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "htbin-package-"));
    // dist/ is what the test run has just built; no script needs to build it again.
    const pack = run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root);
    assert.equal(pack.status, 0, pack.stderr);
    tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
    packed = run("tar", ["-tzf", tarball], folder).stdout.trim().split("\n");
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    const install = run(
      "npm",
      ["install", `./${tarball}`, "--prefer-offline", "--no-audit", "--no-fund"],
      folder,
    );
    if (isOffline(install.stderr)) skip = "the npm registry cannot be reached";
    else assert.equal(install.status, 0, install.stderr);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("holds the program, the built classes, the manual and the licence, and no sources or tests", () => {
    const places = new Set(packed.map((path) => path.split("/")[1]));
    for (const expected of ["package.json", "LICENSE", "README.md", "bin", "dist"]) {
      assert.ok(places.has(expected), `${expected} is missing`);
    }
    assert.deepEqual(
      packed.filter(
        (path) => /^package\/(src|test|build|scripts|bench)\b|\.ts$/.test(path) && !path.endsWith(".d.ts"),
      ),
      [],
    );
  });

  it("holds the command in a few modules, because Node takes longer to load many than htbin to start", () => {
    const main = run("tar", ["-xOzf", tarball, "package/dist/cli/main.js"], folder).stdout;
    const imported = [...main.matchAll(/^(?:im|ex)port .* from "(\..*)";$/gm)].map((match) => match[1]!);
    assert.ok(imported.length === 1, imported.join(", "));
    for (const path of imported) assert.ok(packed.includes(`package/dist/cli/${path.slice(2)}`), path);
  });

  it("answers npx htbin --version", (t) => {
    if (skip) return t.skip(skip);
    const version = run("npx", ["htbin", "--version"], folder);
    assert.equal(version.status, 0, version.stderr);
    assert.match(version.stdout, /\b0\.1\.0\b/);
  });

  it("serves a file with npx htbin", async (t) => {
    if (skip) return t.skip(skip);
    writeFileSync(join(folder, "hello.txt"), "hello\n");
    await using program = await startProgram("npx", ["htbin", "0", "--bind", "127.0.0.1"], folder);
    const response = await fetch(new URL("hello.txt", urlOf(program)));
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "hello\n");
  });

  it("gives the classes to import", (t) => {
    if (skip) return t.skip(skip);
    const names = run(
      process.execPath,
      ["--input-type=module", "-e", 'console.log(JSON.stringify(Object.keys(await import("htbin"))))'],
      folder,
    );
    assert.equal(names.status, 0, names.stderr);
    const exported = JSON.parse(names.stdout) as string[];
    for (const name of [
      "HTTPServer",
      "ThreadingHTTPServer",
      "BaseHTTPRequestHandler",
      "SimpleHTTPRequestHandler",
      "CGIHTTPRequestHandler",
      "serve",
    ]) {
      assert.ok(exported.includes(name), `${name} is missing among ${exported.join(", ")}`);
    }
  });

  it("type-checks in a user's strict program, declaration files included", (t) => {
    if (skip) return t.skip(skip);
    writeFileSync(
      join(folder, "program.mts"),
      `import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "htbin";
class Handler extends SimpleHTTPRequestHandler {
  override endHeaders() { this.sendHeader("Access-Control-Allow-Origin", "*"); return super.endHeaders(); }
}
await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
await server.listen();
const port: number = server.serverPort;
console.log(port);
`,
    );
    const modules = join(root, "node_modules");
    const options =
      "--noEmit --strict --target es2022 --module nodenext --lib es2022,esnext.disposable --types node";
    const check = run(
      process.execPath,
      [
        join(modules, "typescript", "bin", "tsc"),
        ...options.split(" "),
        "--typeRoots",
        join(modules, "@types"),
        "program.mts",
      ],
      folder,
    );
    assert.equal(check.stdout, "");
    assert.equal(check.status, 0, check.stderr);
  });
});

function run(
  command: string,
  args: string[],
  cwd: string,
): { status: number | null; stdout: string; stderr: string } {
  // On Windows npm and npx are .cmd files, which only a shell starts.
  const shell = process.platform === "win32" && command.startsWith("np");
  return spawnSync(command, args, { cwd, encoding: "utf8", env: cleanEnvironment(), shell });
}
