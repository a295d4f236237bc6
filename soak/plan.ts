// What one connection does: the requests that it sends, and where it leaves, if it does. All of it follows from a seed.

import { Random } from "./random.ts";
import { type Kind, KINDS, type ServerName, type SoakRequest } from "./requests.ts";

/** By a reset; by closing the socket, which sends what the system sees fit; or by ending one's side and reading on. */
export type Leaving = "reset" | "close" | "end";

export interface BreakOff {
  readonly how: Leaving;
  /** Bytes received of what comes behind the whole answers, before the client leaves. */
  readonly received: number;
  /** Milliseconds to wait then. */
  readonly pause: number;
}

export interface Plan {
  /** Sent and answered in full, one by one or all at once. */
  readonly whole: readonly SoakRequest[];
  readonly isPipelined: boolean;
  /** Sent after that, and not answered in full. */
  readonly rest: string;
  readonly breakOff: BreakOff | undefined;
  /** How many requests all this counts for, and how many of them are broken off. */
  readonly requests: number;
  readonly broken: number;
  /** Log lines that it may cause. */
  readonly least: number;
  readonly most: number;
}

/** Half of the requests are broken off, as nearly as whole connections allow. */
export class Planner {
  readonly #random: Random;
  readonly #kinds: readonly Kind[];
  #requests = 0;
  #broken = 0;

  constructor(server: ServerName, seed: number) {
    this.#random = new Random(seed);
    this.#kinds = KINDS[server];
  }

  next(): Plan {
    const plan = this.#broken * 2 < this.#requests ? this.#brokenPlan() : this.#wholePlan();
    this.#requests += plan.requests;
    this.#broken += plan.broken;
    return plan;
  }

  #wholePlan(): Plan {
    return this.#plan(this.#sequence(this.#random.pick([1, 1, 1, 2, 4, 8])), "", [], undefined);
  }

  #brokenPlan(): Plan {
    const random = this.#random;
    // Some leave at their first request, some after others that went well.
    const before = this.#sequence(random.pick([0, 0, 0, 1, 3])).filter((request) => !request.closes);
    const requests = [this.#request(true)];
    if (random.chance(0.2)) {
      const more = random.integer(1, 7);
      for (let i = 0; i < more; i++) requests.push(this.#request(true));
      return this.#leaveInAnswer(before, requests);
    }
    return random.chance(0.5)
      ? this.#leaveInRequest(before, requests[0]!)
      : this.#leaveInAnswer(before, requests);
  }

  /** In the request line, in the head, or in the body; or at once, with nothing sent. */
  #leaveInRequest(before: readonly SoakRequest[], request: SoakRequest): Plan {
    const random = this.#random;
    const { bytes, headEnd } = request;
    const lineEnd = bytes.indexOf("\n");
    const places = [random.integer(0, lineEnd), random.integer(lineEnd, headEnd - 1)];
    if (bytes.length > headEnd) places.push(random.integer(headEnd, bytes.length - 1));
    const end = random.pick(places);
    const isHeadWhole = end >= headEnd || request.isMalformed;
    const most = isHeadWhole ? Math.max(1, request.lines) : 0;
    const breakOff = {
      how: random.pick(["reset", "close", "end"] as const),
      received: 0,
      pause: random.pick([0, 0, 1, 5]),
    };
    // A silent script or handler gives a client that has ended its side seconds of doubt: few of these.
    const isPatient = /sleep|stubborn|never|wait-for/.test(bytes);
    const how = isPatient && random.chance(0.9) ? "reset" : breakOff.how;
    return this.#plan(before, bytes.slice(0, end), [most], { ...breakOff, how });
  }

  /** Before its first byte, within its head, or within its body. */
  #leaveInAnswer(before: readonly SoakRequest[], requests: readonly SoakRequest[]): Plan {
    const random = this.#random;
    const first = requests[0]!;
    // These send nothing, or too little to wait for.
    const isSilent = /sleep|stubborn|never|wait-for/.test(first.bytes);
    const received = isSilent ? 0 : random.pick([0, 0, 1, random.integer(2, 90)]);
    const isLarge = /large|medium|mebibyte|endless/.test(first.bytes) && first.method === "GET";
    return this.#plan(
      before,
      requests.map(({ bytes }) => bytes).join(""),
      requests.map(({ lines }) => lines),
      {
        how: isSilent && random.chance(0.9) ? "reset" : random.pick(["reset", "close"] as const),
        received: isLarge && random.chance(0.5) ? random.integer(1, 600_000) : received,
        pause: random.pick([0, 1, 5, 20]),
      },
    );
  }

  #sequence(length: number): SoakRequest[] {
    const requests: SoakRequest[] = [];
    while (requests.length < length) {
      const request = this.#request(false);
      requests.push(request);
      if (request.closes) break;
    }
    return requests;
  }

  #request(isBroken: boolean): SoakRequest {
    const kinds = isBroken ? this.#kinds : this.#kinds.filter((kind) => kind.isBrokenOnly !== true);
    return this.#random.weighted(kinds).make(this.#random);
  }

  #plan(
    whole: readonly SoakRequest[],
    rest: string,
    restLines: readonly number[],
    breakOff: BreakOff | undefined,
  ): Plan {
    const least = whole.reduce((sum, { lines }) => sum + lines, 0);
    return {
      whole,
      isPipelined: this.#random.chance(0.5),
      rest,
      breakOff,
      requests: whole.length + restLines.length,
      broken: restLines.length,
      least,
      most: restLines.reduce((sum, lines) => sum + lines, least),
    };
  }
}
