import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { parseTransfers, summarise } from "../../bench/load/curl.ts";
import { parseReport } from "../../bench/load/wrk.ts";

const WRK = `Running 2s test @ http://127.0.0.1:8000/1k.txt
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   635.07us  513.55us   8.07ms   93.45%
Requests/sec:  49809.82
Transfer/sec:     60.04MB
report {"microseconds":2000000,"requests":90000,"p99":4309,"connect":0,"read":1,"write":0,"status":2,"timeout":0}
`;

describe("wrk's report", () => {
  it("gives the rate, the time of the slowest of a hundred, and every kind of fault", () => {
    assert.deepEqual(parseReport(WRK), { perSecond: 45_000, p99: 4.309, faults: 3 });
  });

  it("is an error when wrk did not get that far", () => {
    assert.throws(() => parseReport("unable to connect to 127.0.0.1:8000 Connection refused"), /no report/);
  });
});

describe("curl's transfers", () => {
  const expected = { path: "/", status: 200, sha256: "", size: 4_000_000 };
  const line = (code: number, size: number): string =>
    `{"http_code":${code},"size_download":${size},"time_total":0.5}\n`;

  it("add up to megabytes per second", () => {
    const transfers = parseTransfers(line(200, 4_000_000) + line(200, 4_000_000));
    assert.deepEqual(summarise(transfers, expected), { perSecond: 8, p99: undefined, faults: 0 });
  });

  it("are faults when they are short or have another status", () => {
    const transfers = parseTransfers(line(200, 3_999_999) + line(503, 4_000_000) + line(200, 4_000_000));
    assert.equal(summarise(transfers, expected).faults, 2);
  });
});
