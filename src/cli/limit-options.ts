// The words of the command line about the limits of the server: read into the option that they stand for.
import { DEFAULT_LIMITS, type ServerLimits } from "../server/limits.ts";
import { parseCount, parseSeconds, parseSize } from "./limit-values.ts";
import type { ServeOptions } from "./serve-options.ts";

/** The options with more, or a sentence about a text that is no value. */
type Added = ServeOptions | string;

/** `--max-body 100M` */
export function withMaxBody(size: string, soFar: ServeOptions): Added {
  return withLimits(soFar, parseSize(size, "--max-body"), (body) => ({ body }));
}

/** `--max-connections 100` */
export function withMaxConnections(count: string, soFar: ServeOptions): Added {
  return withLimits(soFar, parseCount(count, "--max-connections"), (connections) => ({ connections }));
}

/** `--timeout 30` */
export function withTimeout(seconds: string, soFar: ServeOptions): Added {
  return withLimits(soFar, parseSeconds(seconds, "--timeout", "refused"), patience);
}

/** `--grace 5` */
export function withGrace(seconds: string, soFar: ServeOptions): Added {
  return withLimits(soFar, parseSeconds(seconds, "--grace", "allowed"), (shutdownTime) => ({ shutdownTime }));
}

function withLimits(
  soFar: ServeOptions,
  value: number | string,
  limits: (value: number) => Partial<ServerLimits>,
): Added {
  return typeof value === "string" ? value : { ...soFar, limits: { ...soFar.limits, ...limits(value) } };
}

/** A person thinks of one time to wait; a head never gets more than by default, for it is short. */
function patience(time: number): Partial<ServerLimits> {
  const headTime = Math.min(time, DEFAULT_LIMITS.headTime);
  return { headTime, idleTime: time, bodyTime: time, writeTime: time };
}
