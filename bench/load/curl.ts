// Owns curl, the load for large files: one download after the other on one connection, thrown away.

import { pinned } from "../cores.ts";
import { askProgram, runProcess } from "../processes.ts";
import { askForAnswer } from "../same-answer.ts";
import { present } from "../servers/server.ts";
import type { Expected } from "../site.ts";
import type { Burst, Load } from "./load.ts";

/** Downloads by one start of curl, so that its own start does not count for much. */
const DOWNLOADS = 4;

interface Transfer {
  readonly http_code: number;
  readonly size_download: number;
  readonly time_total: number;
}

export function curl(): Load {
  return {
    said: "curl: downloads in sequence on 1 connection",
    package: { from: "debian", name: "curl" },
    find: () => present(/^curl ([\d.]+)/.exec(askProgram("curl", ["--version"]) ?? "")?.[1]),
    ask: askForAnswer,
    async run(origin, expected, seconds, core) {
      const deadline = performance.now() + seconds * 1000;
      const transfers: Transfer[] = [];
      do {
        transfers.push(...(await download(origin + expected.path, core)));
      } while (performance.now() < deadline);
      return summarise(transfers, expected);
    },
  };
}

async function download(url: string, core: number | undefined): Promise<Transfer[]> {
  const urls = Array.from({ length: DOWNLOADS }, () => ["--output", "/dev/null", url]).flat();
  const limits = ["--silent", "--max-time", "60", "--noproxy", "*"];
  return parseTransfers(
    await runProcess(pinned(core, ["curl", ...limits, "--write-out", "%{json}\\n", ...urls])),
  );
}

/** One JSON object per line and download. */
export function parseTransfers(text: string): Transfer[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Transfer);
}

export function summarise(transfers: readonly Transfer[], expected: Expected): Burst {
  const bytes = transfers.reduce((sum, transfer) => sum + transfer.size_download, 0);
  const time = transfers.reduce((sum, transfer) => sum + transfer.time_total, 0);
  const faults = transfers.filter(
    (transfer) => transfer.http_code !== expected.status || transfer.size_download !== expected.size,
  );
  return { perSecond: bytes / 1e6 / time, p99: undefined, faults: faults.length };
}
