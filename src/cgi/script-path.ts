// Which part of a URL path is a CGI directory, and what follows it (RFC 3875 §3.3, §9.8).

import { canonicalPath } from "../files/url-path.ts";
import { percentDecode } from "../text/percent-coding.ts";
import { namesOfPath } from "./mount.ts";

/**
 * The segments of a path, decoded once, with dot segments resolved as `canonicalPath` does. What differs:
 * an encoded slash stays inside its segment, and empty segments stay where they stood, because PATH_INFO is
 * the script's data (`/wiki.cgi/http://example.com`); whoever looks for a file skips them. A trailing slash
 * is a last segment that is empty.
 *
 * @param path as it stood on the wire, with or without its leading slash, without the query
 * @throws {HTTPRequestError} as `canonicalPath` does, for what no name and no variable can be made of
 */
export function collapseUrlPath(path: string): string[] {
  canonicalPath(path);
  const raw = (path.startsWith("/") ? path.slice(1) : path).split("/");
  const segments: string[] = [];
  for (const [index, rawSegment] of raw.entries()) {
    // Split first, decode after. A character never reaches across a slash.
    const segment = percentDecode(rawSegment) ?? "";
    if (segment === "..") removeLastName(segments);
    if (segment !== ".." && segment !== ".") segments.push(segment);
    else if (index === raw.length - 1) segments.push("");
  }
  return segments;
}

/** `/a//..` is `/` for the file system, so an empty segment never shields the name before it. */
function removeLastName(segments: string[]): void {
  while (segments.at(-1) === "") segments.pop();
  segments.pop();
}

/** Neither run nor sent as a file: 404. `reason` is for the log. */
export interface RefusedPath {
  readonly kind: "refused";
  readonly reason: string;
}

export type ScriptPath =
  /** In a CGI directory: `/cgi-bin` and the segments behind it, script, PATH_INFO and all. */
  | { readonly kind: "script"; readonly directory: string; readonly segments: readonly string[] }
  /** Nothing to do with CGI: a static file may answer. */
  | { readonly kind: "file" }
  | RefusedPath;

/**
 * The shortest prefix found among the CGI directories wins, as in the original;
 * they may be several levels deep.
 * @throws {HTTPRequestError} as `canonicalPath` does
 */
export function splitScriptPath(
  path: string,
  cgiDirectories: readonly string[],
  platform: NodeJS.Platform = process.platform,
): ScriptPath {
  const segments = collapseUrlPath(path);
  const directories = cgiDirectories.map(namesOfPath);
  const found = findDirectory(segments, directories);
  if (found === undefined) {
    return isDisguised(path, cgiDirectories, platform)
      ? { kind: "refused", reason: "the path is a disguised way into a CGI directory" }
      : { kind: "file" };
  }
  return unlessUnfit(segments, {
    kind: "script",
    directory: `/${found.names.join("/")}`,
    segments: segments.slice(found.end),
  });
}

/** What was found for a path, unless no script and no application may get such a path. */
export function unlessUnfit<Found>(segments: readonly string[], found: Found): Found | RefusedPath {
  const reason = whyUnfit(segments);
  return reason === undefined ? found : { kind: "refused", reason };
}

function whyUnfit(segments: readonly string[]): string | undefined {
  if (segments.some(climbs)) return "the path holds '..' between encoded separators";
  if (segments.every((segment) => segment.isWellFormed())) return undefined;
  return "the path is not UTF-8: no variable of a script can hold it";
}

/** `x.py/..%2f..%2fetc` would hand the script a PATH_INFO that leaves every directory it is joined to. */
function climbs(segment: string): boolean {
  return /[/\\]/.test(segment) && segment.split(/[/\\]/).includes("..");
}

/**
 * CVE-2014-4650: `/cgi-bin%2fx.py` was no CGI path for one half of the original and a file in it for the
 * other half, which sent its source. So what is no script must not be a file in a CGI directory for those who
 * serve files, or for a disk that takes `/CGI-BIN/x.py` or `/cgi-bin./x.py` for it.
 */
export function isDisguised(
  path: string,
  directories: readonly string[],
  platform: NodeJS.Platform = process.platform,
): boolean {
  const separators = platform === "win32" ? /[/\\]/ : /\//;
  const seen = canonicalPath(path.startsWith("/") ? path : `/${path}`)
    .slice(1)
    .split(separators);
  const folded = seen.map((name) => foldName(name, platform));
  const foldedDirectories = directories.map((directory) =>
    namesOfPath(directory).map((name) => foldName(name, platform)),
  );
  return findDirectory(folded, foldedDirectories) !== undefined;
}

/** Where the shortest matching directory ends. Without a slash it is no match: nothing is in it. */
function findDirectory(
  segments: readonly string[],
  directories: readonly (readonly string[])[],
): { names: readonly string[]; end: number } | undefined {
  // `/` is the served directory itself, and all below it.
  const root = directories.find((directory) => directory.length === 0);
  if (root !== undefined) return { names: root, end: 0 };

  const prefix: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === "") continue;
    if (index === segments.length - 1) break;
    prefix.push(segment);
    const match = directories.find((directory) => sameNames(directory, prefix));
    if (match !== undefined) return { names: match, end: index + 1 };
  }
  return undefined;
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

/** A name as the platform's disk compares it. Windows drops a stream's name, trailing dots and blanks. */
function foldName(name: string, platform: NodeJS.Platform): string {
  if (platform === "win32")
    return name
      .replace(/:.*$/s, "")
      .replace(/[. ]+$/, "")
      .toLowerCase();
  return platform === "darwin" ? name.toLowerCase() : name;
}
