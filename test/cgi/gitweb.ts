// gitweb as it is installed, and a repository for it to show.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";

import { missing, missingPerlModule } from "./installed.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Where Debian has gitweb and its files. */
export const GITWEB_FOLDER = "/usr/share/gitweb";

/** Why tests with gitweb cannot run here; `false` where they can. */
export const SKIP_WITHOUT_GITWEB =
  missing("git", "perl", `${GITWEB_FOLDER}/gitweb.cgi`) || missingPerlModule("CGI");

/** gitweb's settings, as its environment, and a repository that they name. */
export function gitwebSettings(context: TestContext): Record<string, string> {
  const repositories = temporaryDirectory(context);
  const work = join(repositories, "demo");
  const git = (...args: string[]): void =>
    void execFileSync("git", args, { cwd: repositories, stdio: "pipe" });
  git("init", "-q", "-b", "main", "demo");
  writeFileSync(join(work, "a file"), "first line\n");
  git("-C", "demo", "add", ".");
  git(
    "-C",
    "demo",
    "-c",
    "user.name=Ada",
    "-c",
    "user.email=a@example.com",
    "commit",
    "-q",
    "-m",
    "the first",
  );
  const config = join(repositories, "gitweb.conf");
  // The repository belongs to who runs the tests, and the script is nobody.
  writeFileSync(
    config,
    `$projectroot = "${repositories}";\n$feature{'snapshot'}{'default'} = ['tgz'];\n$ENV{GIT_CONFIG_COUNT} = 1; $ENV{GIT_CONFIG_KEY_0} = "safe.directory"; $ENV{GIT_CONFIG_VALUE_0} = "*";\n1;\n`,
  );
  return { GITWEB_CONFIG: config, GITWEB_CONFIG_SYSTEM: "/nowhere" };
}
