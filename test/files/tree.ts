// The tree of test files, built in one place. What is served is `root`; what must never be served lies beside it.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** In every file outside of the root, and in no other: an answer that holds it is a leak. */
export const SECRET = "must never be served";

/** Names that some layer between disk and browser reads as something else; each is used for a file and for a directory. */
export const DIFFICULT_NAMES: readonly (readonly [name: string, reason: string])[] = [
  ["q?", "a query would begin at ?"],
  ["f#", "a fragment would begin at #"],
  ["&amp;", "HTML would show &"],
  ["&amp", "HTML would show & here, too"],
  ["<i>", "HTML would see an element"],
  ['"dq"', "would end the attribute of a link"],
  ["'sq'", "would end the attribute of a link in other quotes"],
  ["%A4", "would be decoded a second time, to a byte that is not UTF-8"],
  ["%E2%82%AC", "would be decoded a second time, to a euro sign"],
  ["%2e%2e%2fa.txt", "decoded twice it leads somewhere else"],
  ["%00", "decoded twice it ends a name in C"],
  ["%zz", "is no escape"],
  ["100%", "ends in half an escape"],
  ["a b", "a request line is split at blanks"],
  [" x ", "blanks at the ends are easily trimmed"],
  ["new\nline", "would end a field line"],
  ["carriage\rreturn", "would end a field line for some"],
  ["back\\slash", "browsers read \\ as /"],
  ["ends in back\\", "looks like a path with a slash at its end to who knows Windows"],
  ["a:b", "a link to it would have the scheme a"],
  ["a+b", "form decoding would make a blank of +"],
  ["a;b,c=d&e@f!$(g)*[h]{i}|^`~", "the rest of what RFC 3986 calls reserved, and what nobody allows"],
  ["ä€😀", "two, three and four bytes in UTF-8"],
  ["e\u0301", "not composed; must not be normalised"],
  ["שלום", "runs from right to left"],
  ["\u202Egnp.exe", "turns round what follows it"],
  ["\u0001\u007f\u0085", "control characters"],
  ["x".repeat(251), "with .txt or .dir 255 bytes: the longest there is"],
  ["constructor", "a property of every object"],
  ["two..dots", "not a parent directory"],
];

/** Relative to `root`. The content of a file is its own path where none is given. */
const FILES: readonly (readonly [path: string, reason: string, content?: string])[] = [
  ["a.txt", "a plain small file"],
  [
    "data",
    "no suffix: the default type; 30 bytes as in the suite of the original",
    "thirty bytes of plain content\n",
  ],
  ["empty.txt", "nothing to send", ""],
  ["page.HTML", "a suffix in upper case"],
  ["name.constructor", "a suffix that is a property of every object"],
  ["name.__proto__", "the same, and worse"],
  ["sub/b.txt", "in a directory"],
  ["sub/deep/c.txt", "in a directory of a directory"],
  ["indexed/index.html", "served for its directory"],
  ["indexed/index.htm", "not served for it: .html comes first"],
  ["indexed-htm/index.htm", "served for its directory, as there is no .html"],
  ["spam/index.html/inside.txt", "index.html that is a directory: the listing is shown"],
  ["both/index.html/inside.txt", "the same, but there is an index.htm to go on with"],
  ["both/index.htm", "see above"],
  ["large-then-small/zebra/x", "a directory that comes last by name and first in the listing"],
  ["large-then-small/apple.txt", "see above"],
  ["large-then-small/Banana.txt", "between apple and cherry where case does not count"],
  ["large-then-small/cherry.txt", "see above"],
  [".env", `hidden: ${SECRET}`, SECRET],
  [".git/config", "in a hidden directory", SECRET],
  ["sub/.htpasswd", "hidden in a directory that is not", SECRET],
  ["sub/...", "begins with a dot, and is no parent directory either", SECRET],
  [".well-known/security.txt", "public by RFC 8615"],
  [".well-known/.secret", "hidden in a public directory", SECRET],
  ["unreadable.txt", "mode 000"],
  ["unreadable/x", "in a directory of mode 000"],
];

/** Relative to `root`, as the target is. */
const LINKS: readonly (readonly [path: string, target: string, reason: string])[] = [
  ["link-in", "a.txt", "to a file inside"],
  ["link-in-dir", "sub", "to a directory inside"],
  ["link-chain", "link-in", "to a link inside"],
  ["link-out", "../outside/secret.txt", "to a file outside"],
  ["link-out-dir", "../outside", "to a directory outside"],
  ["link-out-chain", "link-out", "to a link that leads outside"],
  ["link-sibling", "../www-private", "to a directory whose name begins like the root's"],
  ["link-parent", "..", "to the directory above the root"],
  ["link-out-and-back", "../outside/back", "leaves the root, and ends inside it"],
  ["link-root", ".", "to the root itself: inside"],
  ["link-device", "/dev/zero", "to a device that never ends"],
  ["link-broken", "nowhere", "to nothing"],
  ["link-loop", "link-loop", "to itself"],
  ["sub/link-up", "../../outside/secret.txt", "outside, from a directory below"],
  ["index-out/index.html", "../../outside/secret.txt", "an index page that lies outside"],
  ["index-broken/index.html", "nowhere", "an index page that is not there"],
];

export interface Tree extends AsyncDisposable {
  /** Holds all of it. */
  readonly base: string;
  /** The directory to serve. */
  readonly root: string;
  /** Beside the root, with files that hold the secret. */
  readonly outside: string;
}

export async function buildTree(): Promise<Tree> {
  // Short: the path of a socket has 107 bytes.
  const base = realpathSync(mkdtempSync(join(tmpdir(), "htbin-f-")));
  // As a file server that runs as root would find it: readable for everyone.
  chmodSync(base, 0o755);
  const root = join(base, "www");
  const outside = join(base, "outside");
  for (const [path, , content] of FILES) put(root, path, content ?? path);
  put(outside, "secret.txt", SECRET);
  put(outside, "index.html", SECRET);
  put(outside, "below/secret.txt", SECRET);
  put(join(base, "www-private"), "secret.txt", SECRET);
  put(base, "secret.txt", SECRET);
  symlinkSync(join(root, "a.txt"), join(outside, "back"));
  for (const [name] of DIFFICULT_NAMES) {
    put(root, `names/${name}.txt`, name);
    put(root, `dirs/${name}.dir/x.txt`, name);
  }
  for (const [path, target] of LINKS) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  // Opening it waits for a writer, who never comes.
  spawnSync("mkfifo", [join(root, "fifo"), join(put(root, "index-fifo/x", "x"), "..", "index.html")]);
  const socket = createServer().unref();
  await new Promise<void>((resolve) => socket.listen(join(root, "socket"), resolve));
  chmodSync(join(root, "unreadable.txt"), 0);
  chmodSync(join(root, "unreadable"), 0);
  const dispose = async (): Promise<void> => {
    await new Promise((resolve) => socket.close(resolve));
    chmodSync(join(root, "unreadable"), 0o700);
    rmSync(base, { recursive: true, force: true });
  };
  return { base, root, outside, [Symbol.asyncDispose]: dispose };
}

/** An empty directory that goes at the end of the block. */
export function emptyDirectory(parent = tmpdir()): Disposable & { readonly path: string } {
  const path = realpathSync(mkdtempSync(join(parent, "htbin-f-")));
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Writes a file, making the directories between. @returns its whole path */
export function put(directory: string, path: string, content: string | Uint8Array): string {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** A file of that size that takes hardly any room, with marks in it so that a piece in the wrong place is seen. */
export function putSparse(directory: string, path: string, size: number): string {
  const file = put(directory, path, "");
  const fd = openSync(file, "r+");
  for (let at = 0; at < size - 100; at += 1024 * 1024 + 4099) writeSync(fd, `mark at ${at}`, at);
  writeSync(fd, "last", size - 4);
  closeSync(fd);
  return file;
}

/** Why a test of permissions proves nothing here; `false` where it does. */
export const SKIP_AS_ROOT: string | false =
  process.getuid?.() === 0
    ? "root may read everything"
    : process.platform === "win32"
      ? "no modes on Windows"
      : false;
