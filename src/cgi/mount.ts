// Programs that answer for a part of the URL space, wherever they lie on the disk:
// which one a path belongs to.

import type { LocatedScript } from "./locate-script.ts";

/** A program outside the served directory, and what it is told beside its request. */
export interface CGIMount {
  /** The program as an absolute path. It needs the x bit. */
  readonly program: string;
  /** Variables for this program alone; they go before `cgiEnvironment`. An empty value is passed on, too. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * What becomes of a request's body. `"store"`: one that comes in chunks is kept until its length is known,
   * for programs that read as much as CONTENT_LENGTH says: nearly all. `"stream"`: it is handed on as it
   * comes, in chunks without CONTENT_LENGTH, to a program that reads to the end (`git http-backend`).
   * @default "store"
   */
  readonly requestBody?: "store" | "stream";
}

export interface MountedPath {
  /** SCRIPT_NAME: the path of the mount without a slash at its end; empty for `/`. */
  readonly scriptName: string;
  readonly mount: CGIMount;
  /** What follows it, decoded: the segments of PATH_INFO. */
  readonly rest: readonly string[];
}

/**
 * The mount with the most names that the path begins with; `/git` and all below it belong to the
 * mount `/git`, `/gitweb` does not.
 * @param segments as `collapseUrlPath` makes them; empty ones in front of the mount's end do not count
 */
export function findMount(
  segments: readonly string[],
  mounts: Readonly<Record<string, CGIMount>>,
): MountedPath | undefined {
  let found: (MountedPath & { depth: number }) | undefined;
  for (const [path, mount] of Object.entries(mounts)) {
    const names = namesOfPath(path);
    const end = endOfPrefix(segments, names);
    if (end === undefined || names.length < (found?.depth ?? 0)) continue;
    const scriptName = names.map((name) => `/${name}`).join("");
    found = { scriptName, mount, rest: segments.slice(end), depth: names.length };
  }
  return found;
}

export function namesOfPath(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

/** Where `names` end in `segments`, which may have empty ones between; `undefined` if they are not there. */
export function endOfPrefix(segments: readonly string[], names: readonly string[]): number | undefined {
  let at = 0;
  for (const name of names) {
    while (segments[at] === "" && at < segments.length - 1) at++;
    if (segments[at] !== name) return undefined;
    at++;
  }
  return at;
}

/** A mount's program as the script of a request. */
export function mountedScript(
  { directory, segments }: { readonly directory: string; readonly segments: readonly string[] },
  { program }: CGIMount,
): LocatedScript {
  return {
    kind: "script",
    file: program,
    scriptName: directory === "/" ? "" : directory,
    pathInfo: segments.length === 0 ? undefined : `/${segments.join("/")}`,
  };
}
