// How a path looks in a sentence or in the banner.
import { makeVisible } from "../text/visible.ts";

/** The path with control characters visible. Windows has none in names; its backslashes stay single. */
export function shownPath(path: string): string {
  return process.platform === "win32" ? path : makeVisible(path);
}
