// PHP by `php-cgi`: files that are neither executable nor begin with "#!".

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, it } from "node:test";

import { missing } from "./installed.ts";
import { get, parseResponse, post, startSite } from "./running-site.ts";
import { put } from "./temporary-directory.ts";

const PHP = {
  cgiInterpreters: { ".php": ["php-cgi", "-d", "upload_max_filesize=64M", "-d", "post_max_size=64M"] },
};

describe("php-cgi by its extension", { skip: missing("php-cgi") }, () => {
  it("takes a form, in chunks as well, and a query", async (context) => {
    const site = await startSite(context, PHP);
    put(
      site.root,
      "form.php",
      '<?php header("X-Method: " . $_SERVER["REQUEST_METHOD"]); echo $_REQUEST["name"];',
    );
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    const target = `${site.url}/form.php`;
    const posted = await fetch(target, { method: "POST", headers: form, body: "name=Ada+%C3%A9" });
    assert.deepEqual([posted.headers.get("x-method"), await posted.text()], ["POST", "Ada é"]);
    assert.equal(await (await fetch(`${target}?name=Bob`)).text(), "Bob");
    const body = new Blob(["name=", "chunks"]).stream();
    const chunked = await fetch(target, {
      method: "POST",
      headers: form,
      body,
      duplex: "half",
    } as RequestInit);
    assert.equal(await chunked.text(), "chunks");
  });

  it("takes an upload of 10 MB", async (context) => {
    const site = await startSite(context, PHP);
    put(
      site.root,
      "upload.php",
      '<?php $f = $_FILES["f"]; echo $f["name"], " ", $f["size"], " ", hash_file("sha256", $f["tmp_name"]);',
    );
    const content = randomBytes(10_000_000);
    const form = new FormData();
    form.append("f", new Blob([content]), "a file.bin");
    const response = await fetch(`${site.url}/upload.php`, { method: "POST", body: form });
    const sum = createHash("sha256").update(content).digest("hex");
    assert.equal(await response.text(), `a file.bin 10000000 ${sum}`);
  });

  it("knows its request from $_SERVER", async (context) => {
    const site = await startSite(context, PHP);
    put(site.root, "app/index.php", "<?php echo json_encode($_SERVER);");
    const seen = async (path: string): Promise<Record<string, string>> =>
      (await (await fetch(`${site.url}${path}`)).json()) as Record<string, string>;
    const server = await seen("/app/index.php/a/b?c=d");
    for (const [name, value] of Object.entries({
      SCRIPT_NAME: "/app/index.php",
      PHP_SELF: "/app/index.php/a/b",
      PATH_INFO: "/a/b",
      QUERY_STRING: "c=d",
      REQUEST_URI: "/app/index.php/a/b?c=d",
      DOCUMENT_ROOT: site.root,
      SCRIPT_FILENAME: `${site.root}/app/index.php`,
      REQUEST_METHOD: "GET",
      SERVER_PROTOCOL: "HTTP/1.1",
      HTTP_HOST: `127.0.0.1:${site.port}`,
    })) {
      assert.equal(server[name], value, name);
    }
    const index = await seen("/app/?x");
    assert.deepEqual([index["SCRIPT_NAME"], index["REQUEST_URI"]], ["/app/index.php", "/app/?x"]);
    const redirect = await fetch(`${site.url}/app`, { redirect: "manual" });
    assert.deepEqual([redirect.status, redirect.headers.get("location")], [301, "/app/"]);
  });

  it("answers with PHP's own status, redirect and cookies, and never with its source (CVE-2012-1823)", async (context) => {
    const site = await startSite(context, PHP);
    put(
      site.root,
      "x.php",
      '<?php // SOURCE\nhttp_response_code(404); setcookie("a", "b"); setcookie("c", "d"); echo "gone";',
    );
    put(site.root, "go.php", '<?php header("Location: //cdn.example/x");');
    const gone = parseResponse(await site.exchange(get("/x.php")));
    assert.deepEqual([gone.status, gone.body], [404, "gone"]);
    assert.equal(gone.head.match(/^set-cookie:/gim)?.length, 2);
    for (const query of ["-s", "-dallow_url_include=1", "%2Ds"]) {
      const { body } = parseResponse(await site.exchange(get(`/x.php?${query}`)));
      assert.equal(body, "gone", query);
    }
    const { status, head } = parseResponse(await site.exchange(get("/go.php")));
    assert.equal(status, 302);
    assert.match(head, /\r\nLocation: \/\/cdn\.example\/x\r\n/i);
    assert.equal(parseResponse(await site.exchange(get("/nothere.php"))).status, 404);
    assert.equal(parseResponse(await site.exchange(post("/nothere.php", "x"))).status, 501);
  });

  it("gets passwords where that is asked for", async (context) => {
    const site = await startSite(context, { ...PHP, cgiPassAuthorization: true });
    put(site.root, "who.php", '<?php echo $_SERVER["PHP_AUTH_USER"] ?? "nobody";');
    const fields = `Authorization: Basic ${Buffer.from("ada:secret").toString("base64")}\r\n`;
    assert.equal(parseResponse(await site.exchange(get("/who.php", fields))).body, "ada");
    const careful = await startSite(context, PHP);
    put(careful.root, "who.php", '<?php echo $_SERVER["PHP_AUTH_USER"] ?? "nobody";');
    assert.equal(parseResponse(await careful.exchange(get("/who.php", fields))).body, "nobody");
  });
});
