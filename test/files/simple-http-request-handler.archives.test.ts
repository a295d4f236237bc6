// Folders as zip and tar files: what is in them, who can open them, and what they cost.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { ARCHIVE_FORMATS, type ArchiveFormat } from "../../src/files/archive-format.ts";
import { parseResponses, RawClient } from "../raw-client.ts";
import { openFilesBelow, startSite, type Site, until } from "./running-site.ts";
import { buildTree, DIFFICULT_NAMES, emptyDirectory, put, putSparse, SECRET, type Tree } from "./tree.ts";

const run = promisify(execFile);
/** Who goes to a page with a browser. */
const PERSON = { fields: { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" } };
const MIB = 1024 * 1024;

function without(program: string): string | false {
  return spawnSync(program, ["--help"]).error === undefined ? false : `${program} is not installed`;
}

/** What Python finds in an archive: path → [content as hex, permissions, seconds since 1970]. A directory has no content. */
const PYTHON = `
import json, sys, tarfile, zipfile, calendar
found = {}
if sys.argv[1].endswith(".zip"):
    archive = zipfile.ZipFile(sys.argv[1])
    assert archive.testzip() is None
    for each in archive.infolist():
        assert each.filename not in found
        content = None if each.is_dir() else archive.read(each).hex()
        found[each.filename] = [content, each.external_attr >> 16 & 0o777, calendar.timegm(each.date_time)]
else:
    for each in (archive := tarfile.open(sys.argv[1])):
        assert each.isfile() or each.isdir()
        name = each.name + "/" if each.isdir() else each.name
        assert name not in found
        content = None if each.isdir() else archive.extractfile(each).read().hex()
        found[name] = [content, each.mode, each.mtime]
print(json.dumps(found))
`;

type Found = Map<
  string,
  { readonly content: Buffer | undefined; readonly mode: number; readonly time: number }
>;

async function contentsOf(file: string): Promise<Found> {
  const { stdout } = await run("python3", ["-c", PYTHON, file], {
    maxBuffer: 64 * MIB,
    env: { ...process.env, TZ: "UTC", PYTHONUTF8: "1" },
  });
  const found = JSON.parse(stdout) as Record<string, [string | null, number, number]>;
  return new Map(
    Object.entries(found).map(([path, [content, mode, time]]) => [
      path,
      { content: content === null ? undefined : Buffer.from(content, "hex"), mode, time },
    ]),
  );
}

/** Takes an archive over the wire and puts it into a file of a directory. */
async function download(site: Site, path: string, format: ArchiveFormat, into: string): Promise<string> {
  const answer = await site.ask(`${path}?archive=${format}`);
  assert.equal(answer.status, 200);
  const file = join(into, `archive.${format}`);
  writeFileSync(file, answer.body);
  return file;
}

let tree: Tree;
let site: Site;
before(async () => {
  tree = await buildTree();
  site = await startSite({ directory: tree.root });
});
after(async () => {
  await site[Symbol.asyncDispose]();
  await tree[Symbol.asyncDispose]();
});

for (const format of ARCHIVE_FORMATS) {
  describe(`a folder as ${format}`, { skip: without("python3") }, () => {
    it("holds what is served, each file with its content, and nothing hidden or from outside", async () => {
      using downloads = emptyDirectory();
      const found = await contentsOf(await download(site, "/", format, downloads.path));
      assert.equal(found.get("files/a.txt")?.content?.toString(), "a.txt");
      assert.equal(found.get("files/sub/deep/c.txt")?.content?.toString(), "sub/deep/c.txt");
      assert.equal(
        found.get("files/.well-known/security.txt")?.content?.toString(),
        ".well-known/security.txt",
      );
      assert.equal(found.get("files/empty.txt")?.content?.length, 0);
      assert.ok(found.has("files/sub/") && found.has("files/index-out/"));
      for (const [path, { content }] of found) {
        assert.doesNotMatch(path, /\/\.(?!well-known)|fifo\/index|fifo$|socket|device|sibling|\.\.\//, path);
        assert.ok(content?.includes(SECRET) !== true, path);
      }
    });

    it("holds a linked file as a file, a folder once under its own name, and no circle", async () => {
      using downloads = emptyDirectory();
      const found = await contentsOf(await download(site, "/", format, downloads.path));
      assert.equal(found.get("files/link-in")?.content?.toString(), "a.txt");
      assert.equal(found.get("files/link-chain")?.content?.toString(), "a.txt");
      for (const path of found.keys()) assert.doesNotMatch(path, /link-(in-dir|root)/);
    });

    it("holds every name as it is, and the content that belongs to it", async () => {
      using downloads = emptyDirectory();
      const found = await contentsOf(await download(site, "/names/", format, downloads.path));
      for (const [name] of DIFFICULT_NAMES) {
        // Some who unpack a zip file take a backslash for a slash.
        const kept = format === "zip" ? name.replaceAll("\\", "_") : name;
        assert.equal(found.get(`names/${kept}.txt`)?.content?.toString(), name, JSON.stringify(name));
      }
      assert.equal(found.size, DIFFICULT_NAMES.length + 1);
    });

    it("keeps permissions and times, also those that the format cannot hold as they are", async () => {
      using directory = emptyDirectory();
      using downloads = emptyDirectory();
      const file = put(directory.path, "run.sh", "#!/bin/sh\n");
      chmodSync(file, 0o750);
      utimesSync(file, 1_600_000_000, 1_600_000_000);
      for (const [name, seconds] of [
        ["old", -1e9],
        ["new", 1e10],
      ] as const)
        utimesSync(put(directory.path, name, name), seconds, seconds);
      await using small = await startSite({ directory: directory.path });
      const found = await contentsOf(await download(small, "/", format, downloads.path));
      assert.equal(found.get("files/run.sh")?.mode, 0o750);
      assert.equal(found.get("files/run.sh")?.time, 1_600_000_000);
      assert.ok(found.has("files/old") && found.has("files/new"));
    });
  });
}

describe("an archive", () => {
  for (const [program, args, formats] of [
    ["unzip", ["-tqq"], ["zip"]],
    ["7z", ["t", "-bd"], ["zip", "tar", "tar.gz"]],
    ["tar", ["-tf"], ["tar", "tar.gz"]],
  ] as const) {
    for (const format of formats) {
      it(`opens in ${program}: ${format}`, { skip: without(program) }, async () => {
        using downloads = emptyDirectory();
        const file = await download(site, "/", format, downloads.path);
        await run(program, [...args, file], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
      });
    }
  }

  it("is unpacked by tar to what was packed", { skip: without("diff") || without("tar") }, async () => {
    using downloads = emptyDirectory();
    const file = await download(site, "/names/", "tar.gz", downloads.path);
    await run("tar", ["-xzf", file, "-C", downloads.path]);
    await run("diff", ["-r", join(tree.root, "names"), join(downloads.path, "names")]);
    assert.equal(readdirSync(join(downloads.path, "names")).length, DIFFICULT_NAMES.length);
  });

  it("is named after its folder (RFC 6266), has its own type, and is not to be guessed at", async () => {
    const disposition = async (path: string, format: string): Promise<string | undefined> =>
      (await site.ask(`${path}?archive=${format}`, { method: "HEAD" })).get("content-disposition");
    assert.equal(await disposition("/", "zip"), 'attachment; filename="files.zip"');
    assert.equal(await disposition("/sub/deep/", "tar.gz"), 'attachment; filename="deep.tar.gz"');
    const link = `/dirs/${encodeURIComponent("ä€😀")}.dir/`;
    assert.equal(
      await disposition(link, "tar"),
      `attachment; filename="____.dir.tar"; filename*=UTF-8''%C3%A4%E2%82%AC%F0%9F%98%80.dir.tar`,
    );
    for (const [format, type] of [
      ["zip", "application/zip"],
      ["tar", "application/x-tar"],
      ["tar.gz", "application/gzip"],
    ]) {
      const head = await site.ask(`/sub/?archive=${format}`, { method: "HEAD" });
      assert.equal(head.get("content-type"), type);
      assert.equal(head.get("x-content-type-options"), "nosniff");
      assert.equal(head.get("content-encoding"), undefined);
      const names = ({ fields }: { fields: typeof head.fields }): string[] =>
        fields.map(([name]) => name).filter((name) => name !== "Transfer-Encoding");
      assert.deepEqual(names(head), names(await site.ask(`/sub/?archive=${format}`)));
    }
  });

  it("of a format that there is not is 400, and says which there are", async () => {
    const answer = await site.ask("/sub/?archive=rar");
    assert.equal(answer.status, 400);
    assert.match(answer.text, /zip, tar\.gz, tar/);
  });

  it("of a file is the file, and of a folder with an index page that page", async () => {
    assert.equal((await site.ask("/a.txt?archive=zip")).text, "a.txt");
    assert.equal((await site.ask("/indexed/?archive=zip")).text, "indexed/index.html");
  });

  it("is not there where archives are turned off, and not offered", async () => {
    await using plain = await startSite({ directory: tree.root, archives: false });
    const answer = await plain.ask("/sub/?archive=zip");
    assert.equal(answer.get("content-type"), "text/html; charset=utf-8");
    assert.doesNotMatch(answer.text, /archive=/);
    assert.match((await site.ask("/sub/", PERSON)).text, /href="\?archive=zip"/);
  });

  it("is offered to those who ask for HTML by name: `wget -r` would follow the links, and load all of it again", async () => {
    for (const fields of [{}, { Accept: "*/*" }, { Accept: "application/json, */*" }]) {
      const answer = await site.ask("/sub/", { fields });
      assert.doesNotMatch(answer.text, /archive=/);
      assert.equal(answer.get("vary"), "Accept");
    }
    assert.match((await site.ask("/sub/?sort=size", PERSON)).text, /href="\?archive=tar\.gz"/);
    assert.equal((await site.ask("/sub/?archive=tar")).get("content-type"), "application/x-tar");
  });

  it("ends with the connection for HTTP/1.0", async () => {
    using client = await RawClient.connect(site.port);
    client.send("GET /sub/?archive=tar HTTP/1.0\r\n\r\n");
    await client.until(() => client.hasEnded, "the end");
    const [answer] = parseResponses(client.text, ["GET"]);
    assert.equal(answer!.get("connection"), "close");
    assert.equal(answer!.body.length % 512, 0);
  });

  it("follows a link in a circle once, and a link to a folder outside of it", async () => {
    using directory = emptyDirectory();
    using downloads = emptyDirectory();
    put(directory.path, "here/a.txt", "a");
    put(directory.path, "there/b.txt", "b");
    symlinkSync("../there", join(directory.path, "here/to-there"));
    symlinkSync("../here", join(directory.path, "there/to-here"));
    symlinkSync("..", join(directory.path, "here/up"));
    await using small = await startSite({ directory: directory.path });
    const found = await contentsOf(await download(small, "/here/", "tar", downloads.path));
    assert.deepEqual(
      [...found.keys()].sort(),
      ["here/", "here/a.txt", "here/to-there/", "here/to-there/b.txt", "here/up/"].sort(),
    );
  });
});

describe("an archive on its way", () => {
  for (const format of ARCHIVE_FORMATS) {
    it(
      `costs little memory, however large and however slowly it is taken: ${format}`,
      { timeout: 60_000 },
      async () => {
        using directory = emptyDirectory();
        // Stored in a zip file, as it could not be made smaller.
        putSparse(directory.path, "film.mp4", 128 * MIB);
        await using site = await startSite({ directory: directory.path });
        const memory = (): number => process.memoryUsage().arrayBuffers;
        const before = memory();
        let most = 0;
        const sampling = setInterval(() => (most = Math.max(most, memory() - before)), 5);
        await run("curl", [
          "-sSf",
          "--limit-rate",
          "100M",
          "-o",
          "/dev/null",
          `http://127.0.0.1:${site.port}/?archive=${format}`,
        ]);
        clearInterval(sampling);
        assert.ok(most < 48 * MIB, `${Math.round(most / MIB)} MiB`);
      },
    );

    it(`is cut visibly when a file in it becomes shorter: ${format}`, async () => {
      using directory = emptyDirectory();
      mkdirSync(join(directory.path, "folder"));
      const file = putSparse(directory.path, "folder/film.mp4", 256 * MIB);
      await using site = await startSite({ directory: directory.path });
      using client = await RawClient.connect(site.port);
      client.send(`GET /folder/?archive=${format} HTTP/1.1\r\nHost: x\r\n\r\n`);
      // The file has been opened, and its length promised.
      await client.until(() => client.received > 20_000, "the beginning");
      truncateSync(file, 1 * MIB);
      await client.until(() => client.isClosed || client.hasEnded, "the end", 60_000);
      assert.ok(!client.text.endsWith("\r\n0\r\n\r\n"), "it looks complete");
      assert.ok(
        site.log.some((line) => /folder\/film\.mp4 has become shorter/.test(line)),
        site.log.join("\n"),
      );
      assert.ok(!site.log.some((line) => line.startsWith("handleError")), site.log.join("\n"));
      await until(() => openFilesBelow(directory.path) <= 0, "the file is closed");
    });

    it(`leaves nothing open when its client goes: ${format}`, async () => {
      using directory = emptyDirectory();
      putSparse(directory.path, "film.mp4", 256 * MIB);
      await using site = await startSite({ directory: directory.path });
      for (let i = 0; i < 5; i++) {
        using client = await RawClient.connect(site.port);
        client.send(`GET /?archive=${format} HTTP/1.1\r\nHost: x\r\n\r\n`);
        await client.until(() => client.received > i * 100_000, "some of it");
        client.reset();
      }
      await until(() => openFilesBelow(directory.path) <= 0, "all files closed");
    });
  }
});

it("leaves no file open", () => until(() => openFilesBelow(tree.base) <= 0, "all files closed"));
