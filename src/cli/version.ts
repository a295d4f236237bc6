// Which htbin this is.
import { readFileSync } from "node:fs";

/** `htbin 1.2.3`, from the package's own package.json. */
export function versionText(): string {
  // By the package's own name, so that it is found from the build as from the sources.
  const manifest = new URL(import.meta.resolve("htbin/package.json"));
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return `htbin ${version}\n`;
}
