// Where a directory really is that was asked for without its slash, or with an encoded one.

import { percentEncodeBytes, percentEncodePath } from "../text/percent-coding.ts";
import { canonicalPath, withoutQuery } from "./url-path.ts";

/**
 * The same target with a slash at the end of its path, the query kept. `//host/` and `/\host/` would send
 * browsers to another site: of several slashes in front, which an override that cuts a prefix off may have
 * left, one stays, and a backslash is encoded.
 */
export function withTrailingSlash(target: string): string {
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  const location = `${path.replace(/^\/{2,}/, "/")}/${query === -1 ? "" : target.slice(query)}`;
  return percentEncodeBytes(location);
}

/**
 * Whether the links of a directory's page would lead elsewhere: `/d%2f` is the directory `d` here, and for a
 * browser the file `d/` of the root, so that it looks for `a` of `d` at `/a`.
 */
export function isMisleadingDirectory(target: string): boolean {
  return /%2f/i.test(withoutQuery(target));
}

/** The target in its one spelling that is a directory for everybody. */
export function directoryLocation(target: string): string {
  return percentEncodeBytes(
    percentEncodePath(canonicalPath(target)) + target.slice(withoutQuery(target).length),
  );
}
