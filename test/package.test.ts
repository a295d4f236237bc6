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

  it('names the same types for "moduleResolution": "node10", which reads no exports', () => {
    const manifest = JSON.parse(
      run("tar", ["-xOzf", tarball, "package/package.json"], folder).stdout,
    ) as Manifest;
    const paths = [".", "./cgi", "./files"].map((name) => manifest.exports[name]!.types);
    const { cgi, files } = manifest.typesVersions["*"];
    assert.deepEqual([manifest.types, ...cgi, ...files], paths);
    assert.equal(manifest.main, manifest.exports["."]!.default);
    for (const path of paths) assert.ok(packed.includes(`package/${path.slice(2)}`), path);
  });

  it("has types that no version of @types/node takes for wrong: Buffer is generic only in later ones", () => {
    const types = packed.filter((path) => path.endsWith(".d.ts"));
    const text = run("tar", ["-xOzf", tarball, ...types], folder).stdout;
    assert.ok(text.length > 10_000);
    assert.deepEqual([...text.matchAll(/^.*\b(?:Buffer|Uint8Array)<.*$/gm)].map(String), []);
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

  it("gives the same classes to CommonJS", (t) => {
    if (skip) return t.skip(skip);
    const program =
      'const { serve } = require("htbin"); console.log(typeof serve, typeof require("htbin/cgi").cgiListener)';
    const said = run(process.execPath, ["--input-type=commonjs", "-e", program], folder);
    assert.equal(said.stdout, "function function\n", said.stderr);
  });

  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const) {
    it(`type-checks in a user's strict program that overrides each step, with "moduleResolution": "${resolution}"`, (t) => {
      if (skip) return t.skip(skip);
      writeFileSync(join(folder, "program.mts"), EVERY_STEP);
      const modules = join(root, "node_modules");
      const check = run(
        process.execPath,
        [
          join(modules, "typescript", "bin", "tsc"),
          ..."--noEmit --strict --exactOptionalPropertyTypes --noImplicitOverride --target es2022".split(" "),
          ..."--lib es2022,esnext.disposable,dom --types node --typeRoots".split(" "),
          join(modules, "@types"),
          "--module",
          module,
          "--moduleResolution",
          resolution,
          "program.mts",
        ],
        folder,
      );
      assert.equal(check.stdout, "");
      assert.equal(check.status, 0, check.stderr);
    });
  }
});

interface Manifest {
  readonly main: string;
  readonly types: string;
  readonly typesVersions: { readonly "*": { readonly cgi: string[]; readonly files: string[] } };
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

/** As somebody writes it who has read the manual, and nothing else. */
const EVERY_STEP = `
import type { Writable } from "node:stream";
import { createServer } from "node:http";
import { type Content, HTTPRequestError, SimpleHTTPRequestHandler, ThreadingHTTPServer, serve, type ServeOptions } from "htbin";
import { cgiListener } from "htbin/cgi";
import { filesListener } from "htbin/files";

class Handler extends SimpleHTTPRequestHandler {
  override directory = "public";
  override protocolVersion = "HTTP/1.0";
  override extensionsMap = { ".html": "text/html" };
  override indexPages = ["default.htm"];
  override extraResponseHeaders: [string, string][] = [["X-A", "b"]];
  override do_GET() { return super.do_GET(); }
  override async do_HEAD() { await super.do_HEAD(); }
  override sendHead() {
    if (this.path === "/x") throw new HTTPRequestError(403, "no");
    return super.sendHead();
  }
  override translatePath(path: string) { return super.translatePath(path); }
  override guessType(path: string) { return super.guessType(path); }
  override listDirectory(path: string) { return super.listDirectory(path); }
  override sendHeader(name: string, value: string | number) { super.sendHeader(name, value); }
  override endHeaders() { this.sendHeader("X-N", 3); return super.endHeaders(); }
  override logMessage(format: string, ...args: unknown[]) { super.logMessage(format, ...args); }
  override async copyFile(source: Content, destination?: Writable) { await super.copyFile(source, destination); }
  async do_PUT() { for await (const piece of this.rfile) void piece; this.sendError(409); }
  "do_M-SEARCH"() { this.sendResponse(200); this.endHeaders(); this.wfile.end("found"); }
}
const options: ServeOptions = { port: 0, headers: [["A", "b"]], limits: { idleTime: 1000 }, handlerClass: Handler };
await (await serve(options)).shutdown({ graceMs: 100 });
await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
await server.listen();
const port: number = server.serverPort;
createServer(filesListener({ directory: "public", single: "app.html", maxAge: port }));
createServer(cgiListener({ directory: "public", cgiInterpreters: { ".php": ["php-cgi"] } }));
`;

function run(
  command: string,
  args: string[],
  cwd: string,
): { status: number | null; stdout: string; stderr: string } {
  // On Windows npm and npx are .cmd files, which only a shell starts.
  const shell = process.platform === "win32" && command.startsWith("np");
  return spawnSync(command, args, { cwd, encoding: "utf8", env: cleanEnvironment(), shell });
}
