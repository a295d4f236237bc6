// Owns the folder that both servers serve: files of all sizes, a directory worth listing, and scripts of all tempers.

import { chmodSync, mkdirSync, mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const SMALL = "small.txt";
export const SMALL_TEXT = "A small file.\n";
const MEDIUM_SIZE = 2 ** 20;
const LARGE_SIZE = 2 ** 28;

const SCRIPTS: Readonly<Record<string, string>> = {
  "hello.sh": "printf 'Content-Type: text/plain\\n\\nhello\\n'",
  "echo.sh": "printf 'Content-Type: text/plain\\n\\n'; cat",
  "deaf.sh": "printf 'Content-Type: text/plain\\n\\nread nothing\\n'",
  "missing.sh": "printf 'Status: 404 Not Found\\nContent-Type: text/plain\\n\\nno\\n'",
  "local.sh": `printf 'Location: /${SMALL}\\n\\n'`,
  "away.sh": "printf 'Location: http://localhost/away\\n\\n'",
  "complain.sh": "echo complaint >&2; printf 'Content-Type: text/plain\\n\\n'",
  "silent.sh": "exit 3",
  "garbage.sh": "echo this is no header",
  "mebibyte.sh": `printf 'Content-Type: text/plain\\n\\n'; head -c ${MEDIUM_SIZE} /dev/zero`,
  "slow.sh": "printf 'Content-Type: text/plain\\n\\none\\n'; sleep 0.1; echo two",
  "sleep.sh": "sleep 60",
  "endless.sh": "printf 'Content-Type: text/plain\\n\\n'; while :; do echo and so on; done",
  "stubborn.sh": "trap '' TERM; printf 'Content-Type: text/plain\\n\\n'; while :; do sleep 1; done",
};

/** @returns the folder's name; any user can read it, since scripts of root run as nobody */
export function makeSite(): string {
  const site = mkdtempSync(join(tmpdir(), "htbin-soak-"));
  writeFileSync(join(site, SMALL), SMALL_TEXT);
  writeFileSync(join(site, ".hidden"), "not served");
  writeFileSync(join(site, "medium.bin"), Buffer.alloc(MEDIUM_SIZE, "medium"));
  writeFileSync(join(site, "large.bin"), "");
  // A file with a hole: as large to read as any, and no room on the disk.
  truncateSync(join(site, "large.bin"), LARGE_SIZE);
  mkdirSync(join(site, "many"));
  for (let i = 0; i < 300; i++) writeFileSync(join(site, "many", `file ${i}.txt`), `${i}`);
  mkdirSync(join(site, "cgi-bin"));
  for (const [name, source] of Object.entries(SCRIPTS))
    putScript(site, name, `#!/bin/sh\n${source}\n`, 0o755);
  putScript(site, "plain.sh", "#!/bin/sh\necho not executable\n", 0o644);
  putScript(site, "nothing.sh", "#!/no/such/interpreter\n", 0o755);
  chmodSync(site, 0o755);
  return site;
}

function putScript(site: string, name: string, source: string, mode: number): void {
  const file = join(site, "cgi-bin", name);
  writeFileSync(file, source);
  chmodSync(file, mode);
}
