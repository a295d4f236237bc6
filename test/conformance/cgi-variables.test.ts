// cgi 11–50: the meta-variables of a script (RFC 3875 §4.1, §9.2), and the variables that every program expects beside them.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";

import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { scriptEnvironment, type ScriptRequest } from "../../src/cgi/environment.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { parseResponse, type Site, startSite } from "../cgi/running-site.ts";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import {
  ask,
  chunked,
  ENVIRONMENT,
  environmentOf,
  get,
  HELLO,
  noShell,
  post,
  printer,
  type Variables,
} from "./cgi-site.ts";

type Context = Parameters<typeof startSite>[0];

async function startEnvSite(context: Context, ...more: [Parameters<typeof startSite>[1]?]): Promise<Site> {
  const site = await startSite(context, ...more);
  site.script("env", ENVIRONMENT);
  return site;
}

const EXAMPLE: ScriptRequest = {
  method: "GET",
  target: "/x",
  protocol: "HTTP/1.1",
  scheme: "http",
  query: "",
  fields: [],
  contentLength: undefined,
  scriptName: "/x",
  pathInfo: undefined,
  pathTranslated: undefined,
  file: "/srv/x",
  root: "/srv",
  clientAddress: "192.0.2.7",
  clientPort: 50123,
  serverAddress: "192.0.2.1",
  serverPort: 8000,
  serverName: "files.example",
  serverSoftware: "htbin/1",
};

/** For what no client of this test can be: one with IPv6, with TLS, signed in. */
function made(changes: Partial<ScriptRequest>): Variables {
  return Object.fromEntries(scriptEnvironment({ ...EXAMPLE, ...changes }, {}, {}));
}

/** The scripts of the site, asked through a Unix socket. */
async function answerOnUnixSocket(context: TestContext, site: Site, request: string): Promise<string> {
  class Handler extends CGIHTTPRequestHandler {
    override directory = site.root;
    override logMessage(): void {}
  }
  const path = join(temporaryDirectory(context), "socket");
  await using server = new ThreadingHTTPServer(path, Handler);
  await server.listen();
  void server.serveForever();
  const socket = connect(path);
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.write(request);
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

describe("cgi 11–50: meta-variables", { skip: noShell }, () => {
  it("cgi 11: names are unique, whatever the case (RFC 3875 §4.1)", async (context) => {
    const site = await startEnvSite(context, {
      cgiEnvironment: { GREETING: "own", query_string: "own", Http_Accept: "own", path_info: "own" },
    });
    // `environmentOf` fails for a name that is there twice.
    const seen = await environmentOf(site, get("/cgi-bin/env", "Accept: a\r\naccept: b\r\nACCEPT: c\r\n"));
    assert.equal(seen["HTTP_ACCEPT"], "a, b, c");
    assert.equal(seen["GREETING"], "own");
  });

  it("cgi 12: what a request always has is set, even when it is empty (RFC 3875 §4.1)", async (context) => {
    const site = await startEnvSite(context);
    const seen = await environmentOf(site, get("/cgi-bin/env"));
    assert.equal(seen["QUERY_STRING"], "");
    for (const name of ["CONTENT_LENGTH", "CONTENT_TYPE", "PATH_INFO", "PATH_TRANSLATED", "AUTH_TYPE"])
      assert.equal(seen[name], undefined, name);
  });

  it("cgi 13: a script's environment holds the variables of the RFC, those of cgi 44, HTTP_* and the list of cgi 46, and no other", async (context) => {
    const site = await startEnvSite(context);
    const names = Object.keys(await environmentOf(site, get("/cgi-bin/env/p"))).filter(
      // What the shell that prints them adds.
      (name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name),
    );
    const inherited = /^(?:TZ|LANG|LC_ALL|LC_CTYPE|LD_LIBRARY_PATH)$/;
    assert.deepEqual(
      names.filter((name) => !inherited.test(name)).sort(),
      (
        "DOCUMENT_ROOT GATEWAY_INTERFACE HTTP_HOST PATH PATH_INFO PATH_TRANSLATED QUERY_STRING REDIRECT_STATUS " +
        "REMOTE_ADDR REMOTE_HOST REMOTE_PORT REQUEST_METHOD REQUEST_SCHEME REQUEST_URI SCRIPT_FILENAME SCRIPT_NAME " +
        "SERVER_ADDR SERVER_NAME SERVER_PORT SERVER_PROTOCOL SERVER_SOFTWARE"
      ).split(" "),
    );
  });

  it("cgi 14: AUTH_TYPE is set only if the server has checked the user (RFC 3875 §4.1.1)", async (context) => {
    const site = await startEnvSite(context);
    const seen = await environmentOf(site, get("/cgi-bin/env", "Authorization: Basic eDp5\r\n"));
    assert.equal(seen["AUTH_TYPE"], undefined);
    assert.equal(made({ user: { name: "ada", scheme: "Basic" } })["AUTH_TYPE"], "Basic");
  });

  it("cgi 15: CONTENT_LENGTH is what can be read from stdin, after transfer decoding (RFC 3875 §4.1.2)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await environmentOf(site, post("/cgi-bin/env", "abc")))["CONTENT_LENGTH"], "3");
    const inChunks = await environmentOf(site, chunked("/cgi-bin/env", "x".repeat(25_000)));
    assert.equal(inChunks["CONTENT_LENGTH"], "25000");
    assert.equal(inChunks["HTTP_TRANSFER_ENCODING"], undefined);
  });

  it("cgi 16: without a body CONTENT_LENGTH is unset; a body of no bytes has 0 (RFC 3875 §4.1.2)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await environmentOf(site, get("/cgi-bin/env")))["CONTENT_LENGTH"], undefined);
    assert.equal((await environmentOf(site, post("/cgi-bin/env", "")))["CONTENT_LENGTH"], "0");
  });

  it("cgi 17: CONTENT_TYPE is the field as it is, and never a guess (RFC 3875 §4.1.3)", async (context) => {
    const site = await startEnvSite(context);
    const type = 'Multipart/Form-Data; Boundary="aB=c"';
    const seen = await environmentOf(site, post("/cgi-bin/env", "x", `Content-Type: ${type}\r\n`));
    assert.equal(seen["CONTENT_TYPE"], type);
    assert.equal((await environmentOf(site, post("/cgi-bin/env", "x")))["CONTENT_TYPE"], undefined);
  });

  it("cgi 18: GATEWAY_INTERFACE is CGI/1.1 (RFC 3875 §4.1.4)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await environmentOf(site, get("/cgi-bin/env")))["GATEWAY_INTERFACE"], "CGI/1.1");
  });

  it("cgi 19: PATH_INFO is decoded once, with its case, and '+' is no blank (RFC 3875 §4.1.5)", async (context) => {
    const site = await startEnvSite(context);
    for (const [sent, seen] of [
      ["/%2520", "/%20"],
      ["/A+b%2Bc", "/A+b+c"],
      ["/", "/"],
      ["/x%3Fy%23", "/x?y#"],
      ["/%C3%A9", "/é"],
    ] as const) {
      assert.equal((await environmentOf(site, get(`/cgi-bin/env${sent}`)))["PATH_INFO"], seen);
    }
  });

  it("cgi 20: an encoded slash is refused in the script's name and decoded in PATH_INFO; NUL is 400 (RFC 3875 §4.1.5)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await ask(site, get("/cgi-bin%2fenv"))).status, 404);
    assert.equal((await ask(site, get("/cgi-bin/%2fenv"))).status, 404);
    const seen = await environmentOf(site, get("/cgi-bin/env/a%2Fb"));
    assert.deepEqual([seen["PATH_INFO"], seen["REQUEST_URI"]], ["/a/b", "/cgi-bin/env/a%2Fb"]);
    assert.equal((await ask(site, get("/cgi-bin/env/%00"))).status, 400);
    assert.equal((await ask(site, get("/cgi-bin/%00env"))).status, 400);
  });

  it("cgi 21: bytes that are no UTF-8 never reach a script as others: 404, the raw ones stay in QUERY_STRING", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await ask(site, get("/cgi-bin/env/%A4"))).status, 404);
    const seen = await environmentOf(site, get("/cgi-bin/env?%A4"));
    assert.deepEqual([seen["QUERY_STRING"], seen["REQUEST_URI"]], ["%A4", "/cgi-bin/env?%A4"]);
  });

  it("cgi 22: PATH_TRANSLATED is where PATH_INFO would lie, be it there or not (RFC 3875 §4.1.6)", async (context) => {
    const site = await startEnvSite(context);
    const seen = await environmentOf(site, get("/cgi-bin/env/not/there"));
    assert.equal(seen["PATH_TRANSLATED"], join(site.root, "not/there"));
    assert.equal((await environmentOf(site, get("/cgi-bin/env")))["PATH_TRANSLATED"], undefined);
  });

  it("cgi 23: PATH_TRANSLATED maps PATH_INFO as a path of its own, by the same rules as any (RFC 3875 §4.1.6)", async (context) => {
    const root = temporaryDirectory(context);
    class Aliased extends CGIHTTPRequestHandler {
      override directory = root;
      override translatePath(path: string): string {
        return super.translatePath(path).replace(`${root}/alias/`, "/elsewhere/");
      }
      override logMessage(): void {}
    }
    putScript(root, "cgi-bin/env", ENVIRONMENT);
    await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Aliased);
    await server.listen();
    void server.serveForever();
    const translated = async (info: string): Promise<string | undefined> => {
      const response = await fetch(`http://127.0.0.1:${server.serverPort}/cgi-bin/env${info}`);
      return /PATH_TRANSLATED=([^\0]*)/.exec(await response.text())?.[1];
    };
    assert.equal(await translated("/alias/a"), "/elsewhere/a");
    assert.equal(await translated("/a;b=c%3Fd"), join(root, "a;b=c?d"));
  });

  it("cgi 24: QUERY_STRING is always there, raw (RFC 3875 §4.1.7)", async (context) => {
    const site = await startEnvSite(context);
    const query = async (target: string): Promise<string | undefined> =>
      (await environmentOf(site, get(target)))["QUERY_STRING"];
    assert.equal(await query("/cgi-bin/env"), "");
    assert.equal(await query("/cgi-bin/env?"), "");
    assert.equal(await query("/cgi-bin/env?a=%20+'&&%zz"), "a=%20+'&&%zz");
  });

  it("cgi 25: only the first '?' splits, and a query is never PATH_INFO (RFC 3875 §4.1.7)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await environmentOf(site, get("/cgi-bin/env?a?b")))["QUERY_STRING"], "a?b");
    const seen = await environmentOf(site, get("/cgi-bin/env?x=/p/i"));
    assert.deepEqual([seen["QUERY_STRING"], seen["PATH_INFO"]], ["x=/p/i", undefined]);
  });

  it("cgi 26: REMOTE_ADDR is the peer's address: plain IPv4, or IPv6 without brackets and zone (RFC 3875 §4.1.8)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await environmentOf(site, get("/cgi-bin/env")))["REMOTE_ADDR"], "127.0.0.1");
    assert.equal(made({ clientAddress: "::ffff:192.0.2.7" })["REMOTE_ADDR"], "192.0.2.7");
    assert.equal(made({ clientAddress: "fe80::1%eth0" })["REMOTE_ADDR"], "fe80::1");
  });

  it("cgi 26: a client on a Unix socket is on this machine: 127.0.0.1 (RFC 3875 §4.1.8)", async (context) => {
    const site = await startEnvSite(context);
    const text = await answerOnUnixSocket(context, site, get("/cgi-bin/env"));
    assert.match(parseResponse(text).body, /\0REMOTE_ADDR=127\.0\.0\.1\0/);
    assert.match(parseResponse(text).body, /\0REMOTE_HOST=127\.0\.0\.1\0/);
  });

  it("cgi 27: REMOTE_HOST is the address: nobody waits for DNS (RFC 3875 §4.1.9)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await environmentOf(site, get("/cgi-bin/env")))["REMOTE_HOST"], "127.0.0.1");
  });

  it("cgi 28: REMOTE_IDENT is unset (RFC 3875 §4.1.10)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal(
      (await environmentOf(site, get("/cgi-bin/env", "Remote-Ident: x\r\n")))["REMOTE_IDENT"],
      undefined,
    );
  });

  it("cgi 29: REMOTE_USER goes with AUTH_TYPE, and no field can set it (RFC 3875 §4.1.11)", async (context) => {
    const site = await startEnvSite(context);
    const fields = "Authorization: Basic eDp5\r\nRemote-User: root\r\nREMOTE_USER: root\r\n";
    assert.equal((await environmentOf(site, get("/cgi-bin/env", fields)))["REMOTE_USER"], undefined);
    assert.equal(made({ user: { name: "ada", scheme: "Basic" } })["REMOTE_USER"], "ada");
  });

  it("cgi 30: REQUEST_METHOD is the method as it came, in its case (RFC 3875 §4.1.12)", async (context) => {
    const site = await startEnvSite(context);
    for (const method of ["GET", "PROPFIND", "get", "M-SEARCH"]) {
      assert.equal((await environmentOf(site, get("/cgi-bin/env", "", method)))["REQUEST_METHOD"], method);
    }
  });

  it("cgi 31: SCRIPT_NAME is the script's path, decoded, with the mount's, and that of an index script (RFC 3875 §4.1.13)", async (context) => {
    const outside = putScript(temporaryDirectory(context), "program", ENVIRONMENT);
    const site = await startEnvSite(context, { cgiMounts: { "/tool": { program: outside } } });
    site.script("a b", ENVIRONMENT);
    site.script("sub/index.cgi", ENVIRONMENT);
    for (const [path, scriptName, pathInfo] of [
      ["/cgi-bin/env/x", "/cgi-bin/env", "/x"],
      ["/cgi-bin/a%20b", "/cgi-bin/a b", undefined],
      ["/tool", "/tool", undefined],
      ["/tool/x/", "/tool", "/x/"],
      ["/cgi-bin/sub/", "/cgi-bin/sub/index.cgi", undefined],
    ] as const) {
      const seen = await environmentOf(site, get(path));
      assert.deepEqual([seen["SCRIPT_NAME"], seen["PATH_INFO"]], [scriptName, pathInfo], path);
      assert.equal(seen["REQUEST_URI"], path);
    }
    const atRoot = await startSite(context, { cgiMounts: { "/": { program: outside } } });
    const seen = await environmentOf(atRoot, get("/x/y"));
    assert.deepEqual([seen["SCRIPT_NAME"], seen["PATH_INFO"]], ["", "/x/y"]);
    // The server as a whole is no program's.
    assert.equal((await ask(atRoot, get("*", "", "OPTIONS"))).status, 204);
  });

  it("cgi 32: SERVER_NAME is the host asked for, without its port, or the server's own name (RFC 3875 §4.1.14)", async (context) => {
    const site = await startEnvSite(context);
    const nameFor = async (host: string): Promise<string | undefined> =>
      (await environmentOf(site, get("/cgi-bin/env").replace("a.example:81", host)))["SERVER_NAME"];
    assert.equal(await nameFor("b.example:8080"), "b.example");
    assert.equal(await nameFor("[::1]:80"), "[::1]");
    assert.equal(
      (await environmentOf(site, "GET /cgi-bin/env HTTP/1.0\r\n\r\n"))["SERVER_NAME"],
      "127.0.0.1",
    );
  });

  it("cgi 33: a Host that is no host is 400 (RFC 3875 §4.1.14)", async (context) => {
    const site = await startEnvSite(context);
    for (const host of ["a b", "a/b", "$(x)", "a'b", "`x`"]) {
      assert.equal((await ask(site, get("/cgi-bin/env").replace("a.example:81", host))).status, 400, host);
    }
  });

  it("cgi 34: SERVER_PORT is the port of the connection; that of the Host on a Unix socket (RFC 3875 §4.1.15)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await environmentOf(site, get("/cgi-bin/env")))["SERVER_PORT"], String(site.port));
    const text = await answerOnUnixSocket(context, site, get("/cgi-bin/env"));
    assert.match(parseResponse(text).body, /\0SERVER_PORT=81\0/);
  });

  it("cgi 35: SERVER_PROTOCOL is that of the request (RFC 3875 §4.1.16)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await environmentOf(site, get("/cgi-bin/env")))["SERVER_PROTOCOL"], "HTTP/1.1");
    const old = get("/cgi-bin/env").replace("HTTP/1.1", "HTTP/1.0");
    assert.equal((await environmentOf(site, old))["SERVER_PROTOCOL"], "HTTP/1.0");
  });

  it("cgi 36: SERVER_SOFTWARE is the text of the Server field (RFC 3875 §4.1.17)", async (context) => {
    const site = await startEnvSite(context);
    const { head, body } = await ask(site, get("/cgi-bin/env"));
    assert.equal(/SERVER_SOFTWARE=([^\0]*)/.exec(body)?.[1], /\r\nServer: ([^\r]*)/.exec(head)?.[1]);
  });

  it("cgi 37: every other field is HTTP_* (RFC 3875 §4.1.18)", async (context) => {
    const site = await startEnvSite(context);
    const fields = {
      "Git-Protocol": "version=2",
      "Content-Encoding": "gzip",
      "If-None-Match": '"x"',
      "x-9": "",
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    const seen = await environmentOf(site, get("/cgi-bin/env", lines.join("")));
    for (const [name, value] of Object.entries(fields)) {
      assert.equal(seen[`HTTP_${name.toUpperCase().replaceAll("-", "_")}`], value, name);
    }
  });

  it("cgi 38: fields of the same name are one value, in their order; cookies with ';' (RFC 3875 §4.1.18)", async (context) => {
    const site = await startEnvSite(context);
    const fields = "X-A: 1\r\nCookie: a=1\r\nx-a: 2\r\nCookie: b=2\r\n";
    const seen = await environmentOf(site, get("/cgi-bin/env", fields));
    assert.deepEqual([seen["HTTP_X_A"], seen["HTTP_COOKIE"]], ["1, 2", "a=1; b=2"]);
  });

  it("cgi 39: folded fields are refused (RFC 9112 §5.2)", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await ask(site, get("/cgi-bin/env", "X: a\r\n b\r\n"))).status, 400);
  });

  it("cgi 40: Content-*, credentials and hop-by-hop fields are no HTTP_*; Authorization is, where that is asked for (RFC 3875 §9.2)", async (context) => {
    const site = await startEnvSite(context);
    const fields =
      "Content-Type: a/b\r\nAuthorization: Basic eDp5\r\nProxy-Authorization: Basic eDp5\r\nKeep-Alive: 5\r\nTE: trailers\r\nUpgrade: x\r\nExpect: 100-continue\r\n";
    const request = `${get("/cgi-bin/env", `${fields}Content-Length: 1\r\n`, "POST")}x`;
    const text = await site.exchange(request);
    assert.match(text, /\0REQUEST_METHOD=POST\0/);
    for (const name of [
      "CONTENT_TYPE",
      "CONTENT_LENGTH",
      "AUTHORIZATION",
      "PROXY_AUTHORIZATION",
      "CONNECTION",
    ])
      assert.ok(!text.includes(`HTTP_${name}=`), name);
    for (const name of ["KEEP_ALIVE", "TE", "UPGRADE", "EXPECT"])
      assert.ok(!text.includes(`HTTP_${name}=`), name);
    const trusting = await startEnvSite(context, { cgiPassAuthorization: true });
    const seen = await environmentOf(trusting, get("/cgi-bin/env", "Authorization: Basic eDp5\r\n"));
    assert.equal(seen["HTTP_AUTHORIZATION"], "Basic eDp5");
    assert.equal(seen["REMOTE_USER"], undefined);
  });

  it("cgi 41: Proxy and Redirect-Status never become variables (CVE-2016-5385, CVE-2024-8927)", async (context) => {
    const site = await startEnvSite(context);
    const seen = await environmentOf(
      site,
      get("/cgi-bin/env", "Proxy: http://x\r\nRedirect-Status: 200\r\n"),
    );
    assert.deepEqual([seen["HTTP_PROXY"], seen["HTTP_REDIRECT_STATUS"]], [undefined, undefined]);
  });

  it("cgi 42: a name with '_' never becomes a variable", async (context) => {
    const site = await startEnvSite(context);
    const fields = "X_Real_IP: 1\r\nUser_Agent: 2\r\nProxy_: 3\r\n_: 4\r\n";
    const seen = await environmentOf(site, get("/cgi-bin/env", fields));
    assert.deepEqual(
      Object.keys(seen).filter((name) => name.startsWith("HTTP_")),
      ["HTTP_HOST"],
    );
  });

  it("cgi 43: a name that is no token is 400, and one that no variable can have is left out", async (context) => {
    const site = await startEnvSite(context);
    assert.equal((await ask(site, get("/cgi-bin/env", "A(b: x\r\n"))).status, 400);
    assert.equal((await ask(site, get("/cgi-bin/env", "A=b: x\r\n"))).status, 400);
    const seen = await environmentOf(site, get("/cgi-bin/env", "A.b: x\r\nA!b: x\r\nA$b: x\r\n"));
    assert.ok(Object.keys(seen).every((name) => /^\w+$/.test(name)));
    assert.equal(Object.values(seen).includes("x"), false);
  });

  it("cgi 44: the variables that all programs expect are there", async (context) => {
    const site = await startEnvSite(context);
    const seen = await environmentOf(site, get("/cgi-bin/env/p%20q?r"));
    for (const [name, value] of Object.entries({
      DOCUMENT_ROOT: site.root,
      SCRIPT_FILENAME: join(site.root, "cgi-bin/env"),
      REQUEST_URI: "/cgi-bin/env/p%20q?r",
      REQUEST_SCHEME: "http",
      SERVER_ADDR: "127.0.0.1",
      REDIRECT_STATUS: "200",
      HTTPS: undefined,
    })) {
      assert.equal(seen[name], value, name);
    }
    assert.match(seen["REMOTE_PORT"] ?? "", /^\d+$/);
    const secure = made({ scheme: "https" });
    assert.deepEqual([secure["HTTPS"], secure["REQUEST_SCHEME"]], ["on", "https"]);
  });

  it("cgi 45: after a local redirect REQUEST_URI and REDIRECT_* tell of the first request", async (context) => {
    const site = await startEnvSite(context);
    printer(site, "go", "Location: /cgi-bin/env/p?q\n\n");
    const seen = await environmentOf(site, get("/cgi-bin/go?first"));
    for (const [name, value] of Object.entries({
      REQUEST_URI: "/cgi-bin/go?first",
      REDIRECT_URL: "/cgi-bin/go",
      REDIRECT_QUERY_STRING: "first",
      REDIRECT_STATUS: "200",
      SCRIPT_NAME: "/cgi-bin/env",
      PATH_INFO: "/p",
      QUERY_STRING: "q",
    })) {
      assert.equal(seen[name], value, name);
    }
  });

  it("cgi 46: of the server's environment a script gets PATH, and what is on a list", async (context) => {
    process.env["HTBIN_TEST_SECRET"] = "s";
    process.env["HTBIN_TEST_GIVEN"] = "g";
    context.after(() => {
      delete process.env["HTBIN_TEST_SECRET"];
      delete process.env["HTBIN_TEST_GIVEN"];
    });
    const site = await startEnvSite(context, {
      cgiPassEnvironment: ["HTBIN_TEST_GIVEN", "HTBIN_TEST_UNSET"],
    });
    const seen = await environmentOf(site, get("/cgi-bin/env"));
    assert.deepEqual(
      [seen["HTBIN_TEST_SECRET"], seen["HTBIN_TEST_GIVEN"], seen["HTBIN_TEST_UNSET"]],
      [undefined, "g", undefined],
    );
    // As nobody, root's is of no use.
    const isOther = process.getuid?.() === 0;
    assert.equal(seen["PATH"], isOther ? "/usr/local/bin:/usr/bin:/bin" : process.env["PATH"]);
  });

  it("cgi 47: configured variables may be empty, and cannot replace what a request says (CVE-2025-65082)", async (context) => {
    const own = { GIT_HTTP_EXPORT_ALL: "", REQUEST_METHOD: "own", CONTENT_LENGTH: "5", SCRIPT_NAME: "own" };
    const outside = putScript(temporaryDirectory(context), "program", ENVIRONMENT);
    const site = await startEnvSite(context, {
      cgiEnvironment: { ...own, WHO: "server", PATH_INFO: "own" },
      cgiMounts: {
        "/m": { program: outside, environment: { WHO: "mount", EMPTY: "", QUERY_STRING: "own" } },
      },
    });
    const seen = await environmentOf(site, get("/cgi-bin/env"));
    assert.equal(seen["GIT_HTTP_EXPORT_ALL"], "");
    assert.equal(seen["WHO"], "server");
    const mounted = await environmentOf(site, get("/m"));
    assert.deepEqual([mounted["WHO"], mounted["EMPTY"], mounted["GIT_HTTP_EXPORT_ALL"]], ["mount", "", ""]);
    for (const each of [seen, mounted]) {
      assert.deepEqual(
        [each["REQUEST_METHOD"], each["CONTENT_LENGTH"], each["PATH_INFO"], each["QUERY_STRING"]],
        ["GET", undefined, undefined, ""],
      );
    }
  });

  it("cgi 48: PATH is always there and not empty", () => {
    for (const own of [{}, { PATH: "" }]) {
      assert.match(scriptEnvironment(EXAMPLE, {}, own).get("PATH") ?? "", /\/bin/);
    }
    // An empty one would mean the folder of the script (POSIX.1 §8.3).
    assert.match(scriptEnvironment(EXAMPLE, { own: { PATH: "" } }, {}).get("PATH") ?? "", /\/bin/);
  });

  it("cgi 49: no value begins like a function of bash (CVE-2014-6271); NUL is 400", async (context) => {
    const site = await startEnvSite(context);
    const fields = "User-Agent: () { :;}; echo x\r\nCookie: () { :;}\r\nX: (ok) {}\r\n";
    const seen = await environmentOf(site, get("/cgi-bin/env", fields));
    assert.deepEqual(
      [seen["HTTP_USER_AGENT"], seen["HTTP_COOKIE"], seen["HTTP_X"]],
      [undefined, undefined, "(ok) {}"],
    );
    assert.equal((await ask(site, get("/cgi-bin/env", "X: a\0b\r\n"))).status, 400);
    assert.equal((await ask(site, get("/cgi-bin/env/%00"))).status, 400);
  });

  it("cgi 50: what is too large for an environment is 431, and the server lives on", async (context) => {
    const limits = { requestLine: 300_000, field: 300_000, allFields: 8_000_000 };
    const site = await startSite(context, {}, limits);
    site.script("x", HELLO);
    put(site.root, "a.txt", "");
    const long = "x".repeat(140_000);
    assert.equal((await ask(site, get(`/cgi-bin/x?${long}`))).status, 431);
    assert.equal((await ask(site, get("/cgi-bin/x", `A: ${long}\r\n`))).status, 431);
    const many = Array.from({ length: 90 }, (_, index) => `A${index}: ${"x".repeat(80_000)}\r\n`).join("");
    assert.equal((await ask(site, get("/cgi-bin/x", many))).status, 431);
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 200);
  });
});
