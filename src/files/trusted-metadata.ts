// Whether every change of a file shows at once in what the system says of it: only then can it be kept
// in memory and never be stale.

import { statfsSync } from "node:fs";
import { systemName } from "./file-name.ts";

/**
 * Linux file systems on disks of this machine or in its memory, with a change time that no program can set
 * back (`f_type` of statfs(2)). What is not here is read each time: NFS, SMB, 9P and FUSE may answer from
 * what they knew seconds ago, FAT has no such time.
 */
const TRUSTED: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0xf2f52010, // F2FS
  0x3153464a, // JFS
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs: what containers have
  0x73717368, // SquashFS
  0xe0f5e1e2, // EROFS
  0x9660, // ISO 9660
]);

const verdicts = new Map<number, boolean>();

/**
 * Asked once for each file system. Other systems than Linux have no such numbers: there a
 * shared folder is trusted, too.
 * @param dev of the file's stats
 */
export function hasTrustedMetadata(path: string, dev: number): boolean {
  if (process.platform !== "linux") return true;
  let verdict = verdicts.get(dev);
  if (verdict === undefined) {
    verdict = isTrusted(path);
    verdicts.set(dev, verdict);
  }
  return verdict;
}

/** 32 bits that some systems hand out with a sign. */
function isTrusted(path: string): boolean {
  try {
    return TRUSTED.has(statfsSync(systemName(path)).type >>> 0);
  } catch {
    return false;
  }
}
