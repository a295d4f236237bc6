// How a path looks in a sentence or in the banner.
import { makeVisible } from "../text/visible.ts";

/** The path with its control characters visible. Windows has none in names, and its backslashes should stay single. */
export function shownPath(path: string): string {
  return process.platform === "win32" ? path : makeVisible(path);
}
