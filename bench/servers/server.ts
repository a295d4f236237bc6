// Owns what the bench must know of a server: its name, whether it is here, how it is started, and who logs what.

/** Where the programs are that a server is made of. */
export interface Tools {
  /** The project's folder. */
  readonly root: string;
  /** The Node that runs htbin and the peers written for Node. */
  readonly node: string;
  readonly nodeVersion: string;
  /** htbin's command file. */
  readonly htbin: string;
  readonly python: Python | undefined;
}

export interface Python {
  readonly path: string;
  readonly version: string;
  readonly minor: number;
}

export type Presence =
  | { readonly kind: "present"; readonly version: string }
  | { readonly kind: "missing"; readonly reason: string };

/** Where one start of a server happens. */
export interface Place {
  /** The folder to serve. */
  readonly site: string;
  /** For configuration and for logs, which end in `.log`; gone with the server. */
  readonly scratch: string;
  readonly port: number;
}

export interface Server {
  readonly name: string;
  /** What a reader of the table must know of this server. */
  readonly remark: string;
  /** htbin in one of its forms: others may stumble and stay in the table, htbin may not. */
  readonly isHtbin?: boolean;
  /** The Debian package, or npm's, to install when the server is missing. */
  readonly package?: { readonly from: "debian" | "npm"; readonly name: string };
  find(): Presence;
  /** Writes what the server reads at its start, and returns the command: it must stay in the foreground. */
  command(place: Place): readonly string[];
}

export function present(version: string | undefined): Presence {
  return version === undefined ? { kind: "missing", reason: "not installed" } : { kind: "present", version };
}
