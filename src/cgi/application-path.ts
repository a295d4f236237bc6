// Which paths are answered by an application that runs already, and what of them
// is SCRIPT_NAME and PATH_INFO.

import { statSync } from "node:fs";
import { join } from "node:path";

import { realPath, systemName } from "../files/file-name.ts";
import { type LocatedScript, locateScript } from "./locate-script.ts";
import { endOfPrefix, namesOfPath } from "./mount.ts";
import { namesOfSource } from "./script-by-name.ts";
import { collapseUrlPath, isDisguised, type RefusedPath, unlessUnfit } from "./script-path.ts";

export interface Application {
  /** A path (`/app`), or an extension (`.php`) for the files that have it. */
  readonly at: string;
  readonly protocol: "fastcgi" | "scgi";
  /** `unix:/run/php.sock`, `127.0.0.1:9000`. */
  readonly address: string;
}

/** From options such as `{ "/app": "127.0.0.1:9000" }`; the longest path first, extensions last. */
export function listApplications(
  fastcgi: Readonly<Record<string, string>>,
  scgi: Readonly<Record<string, string>>,
): Application[] {
  const of = (protocol: Application["protocol"], map: Readonly<Record<string, string>>): Application[] =>
    Object.entries(map).map(([at, address]) => ({ at, protocol, address }));
  const depth = ({ at }: Application): number => (isExtension(at) ? -1 : namesOfPath(at).length);
  return [...of("fastcgi", fastcgi), ...of("scgi", scgi)].sort((one, other) => depth(other) - depth(one));
}

function isExtension(at: string): boolean {
  return at.startsWith(".");
}

export interface FoundApplication {
  readonly kind: "application";
  readonly application: Application;
  readonly script: LocatedScript;
}

export type ApplicationPath =
  | FoundApplication
  /** None of theirs. */
  | { readonly kind: "other" }
  | RefusedPath;

/**
 * A path that begins with that of an application is all its own; no file is looked for.
 * @param path without its query, as it stood on the wire
 * @throws {HTTPRequestError} as `canonicalPath` does
 */
export function findByPath(
  path: string,
  applications: readonly Application[],
  root: string,
): ApplicationPath {
  const segments = collapseUrlPath(path);
  for (const application of applications) {
    if (isExtension(application.at)) continue;
    const end = endOfPrefix(segments, namesOfPath(application.at));
    if (end === undefined) continue;
    const scriptName = namesOfPath(application.at)
      .map((name) => `/${name}`)
      .join("");
    const rest = segments.slice(end);
    const pathInfo = rest.length === 0 ? undefined : `/${rest.join("/")}`;
    const script: LocatedScript = { kind: "script", file: join(root, scriptName), scriptName, pathInfo };
    return unlessUnfit(segments, { kind: "application", application, script });
  }
  // A folder of that name holds the application's own files: `/app%2fx` is no way to one of them.
  return isDisguised(path, pathsOf(applications))
    ? { kind: "refused", reason: "the path is a disguised way into an application" }
    : { kind: "other" };
}

/** The paths of those that have one. */
export function pathsOf(applications: readonly Application[]): string[] {
  return applications.map(({ at }) => at).filter((at) => !isExtension(at));
}

/**
 * A file with the extension of an application, or the index page of a directory that has no other.
 * @param path as for `findByPath`
 * @throws {HTTPRequestError} as `canonicalPath` does
 */
export function findByExtension(
  path: string,
  applications: readonly Application[],
  root: string,
  {
    indexPages,
    followSymlinks,
  }: { readonly indexPages: readonly string[]; readonly followSymlinks: boolean },
): ApplicationPath {
  const segments = collapseUrlPath(path);
  for (const application of applications) {
    const { at } = application;
    if (!isExtension(at)) continue;
    const tried = segments.some((segment) => segment.endsWith(at))
      ? segments
      : indexOf(segments, at, root, indexPages);
    if (tried === undefined) continue;
    const script = locateScript(root, "/", tried, { followSymlinks, isExecutable: () => true });
    if (script.kind === "script" && script.file.endsWith(at))
      return unlessUnfit(segments, { kind: "application", application, script });
  }
  return { kind: "other" };
}

/** The segments of `index.php` in a directory without an index page that would be sent as a file. */
function indexOf(
  segments: readonly string[],
  extension: string,
  root: string,
  indexPages: readonly string[],
): string[] | undefined {
  if (segments.at(-1) !== "" || segments.some((segment) => segment.includes("/"))) return undefined;
  const directory = join(root, ...segments);
  const isThere = (name: string): boolean =>
    statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true;
  try {
    return indexPages.some(isThere) || !isThere(`index${extension}`)
      ? undefined
      : [...segments.slice(0, -1), `index${extension}`];
  } catch {
    return undefined;
  }
}

/**
 * Whether a file is the source of a script of an application, under whichever name: another case on a disk
 * that takes it for the same, a link, an index page, a copy beside it.
 */
export function isSourceOf(
  file: string,
  applications: readonly Application[],
  indexPages: readonly string[],
): boolean {
  if (!applications.some(({ at }) => isExtension(at))) return false;
  const sendable = /[/\\]$/.test(file) ? indexPages.map((name) => file + name) : [file];
  return sendable.some((each) => {
    const real = realPathOf(each);
    // A directory can be called `x.php`, too: what is in it is no source for that.
    return real !== undefined && hasNameOf(real, applications) && isFile(real);
  });
}

/** Whether a file has the extension of an application, or is a copy of one that has, by its name. */
export function hasNameOf(file: string, applications: readonly Application[]): boolean {
  const extensions = applications.filter(({ at }) => isExtension(at)).map(({ at }) => at.toLowerCase());
  if (extensions.length === 0) return false;
  return namesOfSource(file.toLowerCase()).some((name) => extensions.some((each) => name.endsWith(each)));
}

function isFile(file: string): boolean {
  return statSync(systemName(file), { throwIfNoEntry: false })?.isFile() === true;
}

function realPathOf(file: string): string | undefined {
  try {
    return realPath(file);
  } catch {
    return undefined;
  }
}
