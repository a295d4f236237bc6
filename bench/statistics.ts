// Owns the arithmetic of a paired measurement: medians, and ratios taken round by round.

/** A ratio of medians would mix rounds; this is the median of the ratios, with the extremes it was chosen from. */
export interface PairedRatio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** The middle value, or the mean of the two in the middle. NaN when there is nothing to choose from. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? Number.NaN : (upper + lower) / 2;
}

/** The value below which `share` of the values lie (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * Compares two servers round by round, because a machine drifts: what slows round 3 slows both sides of its ratio.
 * `undefined` when they did not run the same rounds, or a peer measured zero.
 */
export function pairedRatios(ours: readonly number[], theirs: readonly number[]): number[] | undefined {
  if (ours.length === 0 || ours.length !== theirs.length) return undefined;
  const ratios = ours.map((value, round) => value / (theirs[round] ?? 0));
  return ratios.every((ratio) => Number.isFinite(ratio)) ? ratios : undefined;
}

export function pairedRatio(ours: readonly number[], theirs: readonly number[]): PairedRatio | undefined {
  const ratios = pairedRatios(ours, theirs);
  return ratios && { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
