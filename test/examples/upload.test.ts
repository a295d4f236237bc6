import { describe, it, before, after } from "node:test";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { startExample } from "./running-example.ts";

describe("examples/upload", () => {
  let folder = "";
  let uploads = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "htbin-upload-"));
    uploads = join(folder, "uploads");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("takes a file from curl, serves it, replaces it, and stops cleanly", async () => {
    await using example = await startExample("upload", uploads);
    const bytes = randomBytes(3_000_000);
    const local = join(folder, "photo.jpg");
    writeFileSync(local, bytes);
    const curl = ["-sS", "--upload-file", local, "-o", "/dev/null", "-w", "%{http_code}"];
    const { stdout } = await promisify(execFile)("curl", [...curl, `${example.url}photo.jpg`]);
    assert.equal(stdout, "201");
    assert.ok(readFileSync(join(uploads, "photo.jpg")).equals(bytes));

    const replaced = await fetch(`${example.url}photo.jpg`, { method: "POST", body: "smaller" });
    assert.equal(replaced.status, 200);
    const got = await fetch(`${example.url}photo.jpg`);
    assert.equal(got.headers.get("content-type"), "image/jpeg");
    assert.equal(await got.text(), "smaller");
    await example.stop();
    assert.deepEqual(readdirSync(uploads), ["photo.jpg"]);
  });

  it("refuses names that lead elsewhere", async () => {
    await using example = await startExample("upload", uploads);
    const existing = readdirSync(uploads);
    for (const path of ["", "a/b", "%2e%2e%2fescaped", ".hidden", "..", "a%00", "x?y"]) {
      assert.equal(await putRaw(example.url, `/${path}`), 400, path);
    }
    assert.deepEqual(readdirSync(uploads), existing);
    assert.deepEqual(readdirSync(folder).sort(), ["photo.jpg", "uploads"]);
  });

  it("leaves nothing of an upload that breaks off", async () => {
    await using example = await startExample("upload", uploads);
    const existing = readdirSync(uploads);
    const broken = request(`${example.url}broken.bin`, {
      method: "PUT",
      headers: { "Content-Length": 1000 },
    });
    broken.on("error", () => {});
    broken.write("only this");
    await until(() => readdirSync(uploads).length > existing.length);
    broken.destroy();
    await until(() => readdirSync(uploads).length === existing.length);
    assert.deepEqual(readdirSync(uploads), existing);
  });
});

/** `fetch` would tidy the path up before it sends it. */
function putRaw(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const put = request({ hostname, port, path, method: "PUT" }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    put.on("error", reject);
    put.end("data");
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (condition()) return;
    await delay(25);
  }
  assert.fail("it has not come about within 5 s");
}
