// @ts-check
// What every script here needs: is the project installed, is it built, run a tool.
// Only Node's own modules: these scripts run before anything is installed. Talk goes to stderr; stdout belongs to htbin.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * `after`: a script that goes on with what tsc wrote.
 * @typedef {{ project: string, sources: string[], rootDir: string, outDir: string, stamp: string, after?: string }} Build
 */

/** What users get. @type {Build} */
const library = {
  project: "tsconfig.json",
  sources: ["src"],
  rootDir: "src",
  outDir: "dist",
  stamp: "dist/index.js",
  after: "scripts/join-command.js",
};

/** What tests run, with its own copy of the sources. @type {Build} */
const tests = {
  project: "tsconfig.test.json",
  sources: ["src", "test", "examples", "bench", "fuzz", "soak"],
  rootDir: ".",
  outDir: "build",
  stamp: "build/src/index.js",
};

/** Runs `npm ci` unless node_modules holds what package-lock.json asks for. */
export function install() {
  if (isInstalled()) return;
  console.error("htbin: installing dependencies (npm ci)");
  // Its stdout is our stderr; `npm start --silent` must not silence the reason why an install fails.
  // On Windows npm is a .cmd file, which only a shell starts.
  const { status } = spawnSync("npm", ["ci", "--loglevel=notice"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error("htbin: npm ci failed; run it by hand to see why");
    process.exit(1);
  }
}

/** npm keeps a lock file of what it really installed. Packages for other platforms are missing there, and may be. */
function isInstalled() {
  const wanted = readLock("package-lock.json");
  const present = readLock("node_modules/.package-lock.json");
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" || (present[path] ? present[path].version === entry.version : entry.optional === true),
  );
}

/** @param {string} path @returns {Record<string, { version?: string, optional?: boolean }> | undefined} */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** Builds dist/ if a source is newer. Ends the process if it does not compile. */
export function buildLibrary() {
  build(library);
}

/** Builds build/ if a source is newer; dist/ first, because tests and examples import "htbin" from there. */
export function buildAll() {
  build(library);
  build(tests);
}

/** @param {Build} what */
function build(what) {
  if (isFresh(what)) return;
  console.error(`htbin: building ${what.outDir}/`);
  const began = new Date();
  const stamp = join(root, what.stamp);
  rmSync(stamp, { force: true });
  runStep([tool("typescript", "tsc"), "-p", what.project], stamp);
  removeOrphans(what);
  if (what.after !== undefined) runStep([what.after], stamp);
  // The stamp carries the moment the build began: what is saved while it runs counts as newer.
  utimesSync(stamp, began, began);
}

/** Runs one step of a build. A build that failed half-way has no stamp. @param {string[]} args @param {string} stamp */
function runStep(args, stamp) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  rmSync(stamp, { force: true });
  process.exit(1);
}

/** @param {Build} what */
function isFresh(what) {
  const built = modified(join(root, what.stamp));
  const inputs = [what.project, "tsconfig.json", "package.json", "package-lock.json"];
  if (what.after !== undefined) inputs.push(what.after);
  return (
    inputs.every((path) => modified(join(root, path)) < built) &&
    what.sources.every((path) => newest(join(root, path)) < built)
  );
}

/** The latest change below a folder. Folders count: deleting a file changes only them. @param {string} folder */
function newest(folder) {
  let latest = modified(folder);
  if (latest === 0) return 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const time = entry.isDirectory() ? newest(path) : modified(path);
    if (time > latest) latest = time;
  }
  return latest;
}

/** @param {string} path */
function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Removes what was compiled from sources that are gone: a deleted test must not run on. @param {Build} what */
function removeOrphans(what) {
  const outDir = join(root, what.outDir);
  for (const path of filesBelow(outDir)) {
    const source = relative(outDir, path).replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    if (!existsSync(join(root, what.rootDir, source))) rmSync(path);
  }
}

/** @param {string} folder @returns {string[]} */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .toSorted();
}

/** The JavaScript file behind a package's command. @param {string} packageName @param {string} command */
export function tool(packageName, command) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

/**
 * Runs Node with these arguments in the project's folder, on this terminal; its exit code becomes ours.
 * @param {string[]} args
 */
export function runNode(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  // Ctrl-C reaches the whole process group; the child decides what it means, and we wait for it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0);
  });
}
