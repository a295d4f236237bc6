// Changes of a file, each of a kind that has deceived a cache somewhere.

import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Random } from "../../soak/random.ts";

/** @param file has been made with `restore`; its directory is the change's own, and so are all names below it */
export type Change = (file: string, random: Random) => void;

/** Other bytes of the same length, so that the size tells nothing. */
function otherBytes(size: number, random: Random): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i += 97) bytes[i] = random.integer(0, 255);
  if (size > 0) bytes[size - 1] = random.integer(0, 255);
  return bytes;
}

/** Empty, in one packet, on both sides of what is kept as a string and of what is kept at all. */
function anySize(random: Random): number {
  const most = random.pick([0, 10, 2_000, 2_000, 20_000, 60_000, 300_000]);
  return random.integer(0, most);
}

/** Makes a plain file of what is there: nothing, a link, a directory. */
export function restore(file: string, random: Random): void {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return;
  rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, otherBytes(anySize(random), random));
  setOldTime(file);
}

/** Whole seconds: a time that was read and is set back exactly cannot have finer ones in Node. */
function setOldTime(file: string): void {
  utimesSync(file, 1_600_000_000, 1_600_000_000);
}

const sizeOf = (file: string): number => statSync(file).size;
const beside = (file: string, name: string): string => join(dirname(file), name);

export const CHANGES: Readonly<Record<string, Change>> = {
  "rewritten in place, same size": (file, random) => writeFileSync(file, otherBytes(sizeOf(file), random)),
  "one byte overwritten": (file, random) => {
    if (sizeOf(file) === 0) writeFileSync(file, "x");
    const fd = openSync(file, "r+");
    writeSync(fd, String.fromCharCode(random.integer(33, 122)), random.integer(0, sizeOf(file) - 1));
    closeSync(fd);
  },
  "rewritten, same size, modification time set back": (file, random) => {
    writeFileSync(file, otherBytes(sizeOf(file), random));
    setOldTime(file);
  },
  "rewritten, another modification time long ago": (file, random) => {
    writeFileSync(file, otherBytes(sizeOf(file), random));
    utimesSync(file, 1_500_000_000, 1_500_000_000);
  },
  "touched, and nothing else": (file) => setOldTime(file),
  "given another mode": (file, random) => chmodSync(file, random.pick([0o644, 0o600, 0o755])),
  "replaced by rename, same size and time": (file, random) => {
    const fresh = beside(file, "fresh");
    writeFileSync(fresh, otherBytes(sizeOf(file), random));
    setOldTime(fresh);
    renameSync(fresh, file);
  },
  truncated: (file, random) => truncateSync(file, random.integer(0, sizeOf(file))),
  "longer by a few bytes": (file, random) => appendFileSync(file, otherBytes(random.integer(0, 500), random)),
  emptied: (file) => writeFileSync(file, ""),
  "written anew, another size": (file, random) => writeFileSync(file, otherBytes(anySize(random), random)),
  removed: (file) => unlinkSync(file),
  "removed and made again: often the same inode": (file, random) => {
    const size = sizeOf(file);
    unlinkSync(file);
    writeFileSync(file, otherBytes(size, random));
  },
  "become a directory": (file) => {
    unlinkSync(file);
    mkdirSync(file);
  },
  "become a link to another file": (file, random) => {
    const target = beside(file, `target-${random.integer(0, 2)}`);
    writeFileSync(target, otherBytes(1000, random));
    rmSync(file);
    symlinkSync(target, file);
  },
  "become a link, and its target rewritten with its old time": (file, random) => {
    const target = beside(file, "linked");
    renameSync(file, target);
    symlinkSync("linked", file);
    writeFileSync(target, otherBytes(sizeOf(target), random));
    setOldTime(target);
  },
  "become a link to nothing": (file) => {
    unlinkSync(file);
    symlinkSync("nowhere", file);
  },
  "become a link that leads out": (file, random) => {
    const outside = `${dirname(file)}-outside`;
    writeFileSync(outside, otherBytes(sizeOf(file), random));
    unlinkSync(file);
    symlinkSync(outside, file);
  },
  "swapped with another of the same size and time": (file, random) => {
    const other = beside(file, "other");
    writeFileSync(other, otherBytes(sizeOf(file), random));
    setOldTime(other);
    const between = beside(file, "between");
    renameSync(file, between);
    renameSync(other, file);
    renameSync(between, other);
  },
  "rewritten through its other name": (file, random) => {
    const name = beside(file, "second-name");
    rmSync(name, { force: true });
    linkSync(file, name);
    writeFileSync(name, otherBytes(sizeOf(name), random));
    setOldTime(name);
  },
  "replaced by a second name of another file": (file, random) => {
    const other = beside(file, "named-twice");
    rmSync(other, { force: true });
    writeFileSync(other, otherBytes(sizeOf(file), random));
    setOldTime(other);
    unlinkSync(file);
    linkSync(other, file);
  },
  "below another directory of the same name": (file, random) => {
    const directory = dirname(file);
    const before = `${directory}-before`;
    const bytes = otherBytes(sizeOf(file), random);
    rmSync(before, { recursive: true, force: true });
    renameSync(directory, before);
    mkdirSync(directory);
    writeFileSync(file, bytes);
    setOldTime(file);
  },
  "below a directory that was away and is back": (file) => {
    const directory = dirname(file);
    const away = `${directory}-away`;
    if (existsSync(away)) rmSync(away, { recursive: true });
    renameSync(directory, away);
    renameSync(away, directory);
  },
};
