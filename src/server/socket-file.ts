// The file of a Unix socket: whether clients still reach this server by it.

import { linkSync, renameSync, statSync } from "node:fs";

/** Which file it is, apart from its name. */
interface Identity {
  readonly dev: number;
  readonly ino: number;
}

export class SocketFile {
  readonly path: string;
  readonly #identity: Identity | undefined;

  /** To be made while the server listens on it. */
  constructor(path: string) {
    this.path = path;
    this.#identity = identityOf(path);
  }

  /**
   * What became of it. `"kept"` also where sockets have no file: in Linux's abstract namespace,
   * and for the pipes of Windows.
   */
  get state(): "kept" | "removed" | "replaced" {
    if (this.#identity === undefined) return "kept";
    const now = identityOf(this.path);
    if (now === undefined) return "removed";
    return now.dev === this.#identity.dev && now.ino === this.#identity.ino ? "kept" : "replaced";
  }

  /** Closing a listener removes whatever has the name of its socket: that of another server is put back. */
  close(closeListener: () => void): void {
    if (this.state !== "replaced") return closeListener();
    const aside = `${this.path}.${process.pid}`;
    try {
      linkSync(this.path, aside);
    } catch {
      // A folder that this user cannot write to: then nothing can be removed from it either.
      return closeListener();
    }
    closeListener();
    renameSync(aside, this.path);
  }
}

function identityOf(path: string): Identity | undefined {
  // Looking at a Windows pipe would connect to it.
  if (process.platform === "win32" || path.includes("\0")) return undefined;
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
