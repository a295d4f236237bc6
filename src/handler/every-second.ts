// Texts that are the same for a whole second, made once a second.

import { turnTime } from "../server/turn-clock.ts";

/** A function that gives `format(now)` and makes it anew when another second has begun. */
export function everySecond(format: (milliseconds: number) => string): () => string {
  let second = NaN;
  let text = "";
  return () => {
    const now = Math.floor(turnTime() / 1000);
    if (now !== second) {
      second = now;
      text = format(now * 1000);
    }
    return text;
  };
}
