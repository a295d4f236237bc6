// Owns what a row of the table is: what is asked for, of whom, and how each is measured.

import type { Load } from "./load/load.ts";
import type { RunningServer } from "./running-server.ts";
import type { Server } from "./servers/server.ts";
import type { Content, Expected } from "./site.ts";

export interface Row {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly unit: "requests/s" | "MB/s" | "ms" | "MiB" | "KiB";
  readonly content: Content;
  /** htbin first: the others are compared with it. */
  readonly entrants: Entrants;
}

export interface Entrant {
  readonly server: Server;
  readonly measure: LoadMeasure | StartMeasure;
}

type Entrants = readonly [Entrant, ...Entrant[]];

/** Under load a server runs from the beginning of its row to the end. */
export interface LoadMeasure {
  readonly kind: "load";
  readonly load: Load;
  /** Connections that are open during each burst and ask for nothing. */
  readonly idle?: number;
  /** How many times as long as others it warms up: compilers count calls, and of scripts there are few a second. */
  readonly warmUps?: number;
}

/** For a start a server is started anew for every value. */
interface StartMeasure {
  readonly kind: "start";
  readonly perRound: number;
  /** @param site the folder that is served */
  read(server: RunningServer, expected: Expected, site: string): Promise<number>;
}

/** All of them measured in the same way. */
export function each(
  [first, ...others]: readonly [Server, ...Server[]],
  measure: Entrant["measure"],
): Entrants {
  return [{ server: first, measure }, ...others.map((server) => ({ server, measure }))];
}
