// Whether a path is a script's, and how it is found: by a mount, by a CGI directory, or by
// its name (RFC 3875 §3.2, §3.3).

import { type CGIMount, findMount, namesOfPath } from "./mount.ts";
import { type Interpreters, leadsToScript } from "./script-by-name.ts";
import {
  collapseUrlPath,
  isDisguised,
  type RefusedPath,
  type ScriptPath,
  splitScriptPath,
  unlessUnfit,
} from "./script-path.ts";

export interface ScriptPlaces {
  readonly directories: readonly string[];
  readonly mounts: Readonly<Record<string, CGIMount>>;
  readonly interpreters: Interpreters;
  /** The served directory, as a file name. */
  readonly root: string;
  readonly indexPages: readonly string[];
}

/** A path that a script answers for. */
export interface CGIInfo {
  /** One of `cgiDirectories`, or of `cgiMounts`; `/` for a script that its extension tells. */
  readonly directory: string;
  /** What follows it, decoded: directories, the script, and the segments of PATH_INFO. */
  readonly segments: readonly string[];
  /** The program of a mount: then all segments are PATH_INFO. */
  readonly mount?: CGIMount;
}

export type Selection =
  | { readonly kind: "script"; readonly info: CGIInfo }
  /** A static file may answer. */
  | { readonly kind: "file" }
  | RefusedPath;

/**
 * The place with the most names in the path wins: with a mount at `/`,
 * `/cgi-bin/x` is still in its directory.
 * @param path as it stood on the wire, without the query
 * @throws {HTTPRequestError} as `canonicalPath` does
 */
export function selectScript(path: string, places: ScriptPlaces): Selection {
  const split = splitScriptPath(path, places.directories);
  const hasMounts = Object.keys(places.mounts).length > 0;
  const hasNames = Object.keys(places.interpreters).length > 0;
  if (!hasMounts && (split.kind !== "file" || !hasNames)) return selectionOf(split);
  const segments = collapseUrlPath(path);
  const mounted = findMount(segments, places.mounts);
  if (mounted !== undefined && !isDeeper(split, mounted.scriptName)) {
    const { scriptName, mount, rest } = mounted;
    const info = { directory: scriptName || "/", segments: rest, mount };
    return unlessUnfit(segments, { kind: "script", info });
  }
  if (split.kind !== "file") return selectionOf(split);
  // A mount may cover a directory of its program's data: `/git%2fx` is no way to a file in there.
  if (hasMounts && isDisguised(path, Object.keys(places.mounts)))
    return { kind: "refused", reason: "the path is a disguised way into a mount" };
  const { root, interpreters, indexPages } = places;
  if (!leadsToScript(root, segments, interpreters, indexPages)) return split;
  return unlessUnfit(segments, { kind: "script", info: { directory: "/", segments } });
}

function selectionOf(split: ScriptPath): Selection {
  if (split.kind !== "script") return split;
  return { kind: "script", info: { directory: split.directory, segments: split.segments } };
}

function isDeeper(split: ScriptPath, mountPath: string): boolean {
  if (split.kind === "refused") return true;
  return split.kind === "script" && namesOfPath(split.directory).length > namesOfPath(mountPath).length;
}
