import assert from "node:assert/strict";
import { describe, it } from "node:test";

import {
  type EnvironmentSettings,
  scriptEnvironment,
  type ScriptRequest,
  scriptSearchPath,
} from "../../src/cgi/environment.ts";

const REQUEST: ScriptRequest = {
  method: "GET",
  target: "/cgi-bin/x.py/a%20b?q=1",
  protocol: "HTTP/1.1",
  scheme: "http",
  query: "q=1",
  fields: [],
  contentLength: undefined,
  scriptName: "/cgi-bin/x.py",
  pathInfo: "/a b",
  pathTranslated: "/srv/www/a b",
  file: "/srv/www/cgi-bin/x.py",
  root: "/srv/www",
  clientAddress: "192.0.2.7",
  clientPort: 50123,
  serverAddress: "192.0.2.1",
  serverPort: 8000,
  serverName: "files.example",
  serverSoftware: "htbin/1 Node/20",
};

function environment(
  changes: Partial<ScriptRequest> = {},
  own: Record<string, string> = {},
  server: NodeJS.ProcessEnv = { PATH: "/bin" },
): Record<string, string> {
  return Object.fromEntries(scriptEnvironment({ ...REQUEST, ...changes }, { own }, server));
}

function withField(name: string, value: string): Record<string, string> {
  return environment({ fields: [[name, value]] });
}

describe("scriptEnvironment", () => {
  it("holds exactly these variables for a plain GET (RFC 3875 §4.1)", () => {
    assert.deepEqual(environment(), {
      DOCUMENT_ROOT: "/srv/www",
      GATEWAY_INTERFACE: "CGI/1.1",
      PATH: "/bin",
      PATH_INFO: "/a b",
      PATH_TRANSLATED: "/srv/www/a b",
      QUERY_STRING: "q=1",
      REDIRECT_STATUS: "200",
      REMOTE_ADDR: "192.0.2.7",
      REMOTE_HOST: "192.0.2.7",
      REMOTE_PORT: "50123",
      REQUEST_METHOD: "GET",
      REQUEST_SCHEME: "http",
      REQUEST_URI: "/cgi-bin/x.py/a%20b?q=1",
      SCRIPT_FILENAME: "/srv/www/cgi-bin/x.py",
      SCRIPT_NAME: "/cgi-bin/x.py",
      SERVER_ADDR: "192.0.2.1",
      SERVER_NAME: "files.example",
      SERVER_PORT: "8000",
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_SOFTWARE: "htbin/1 Node/20",
    });
  });

  it("has PATH_INFO and PATH_TRANSLATED together or not at all (RFC 3875 §4.1.6)", () => {
    const variables = environment({ pathInfo: undefined });
    assert.equal("PATH_INFO" in variables || "PATH_TRANSLATED" in variables, false);
    assert.equal(environment({ pathInfo: "/", pathTranslated: "/srv/www" })["PATH_TRANSLATED"], "/srv/www");
    assert.equal("PATH_TRANSLATED" in environment({ pathInfo: "/", pathTranslated: undefined }), false);
    assert.equal(environment({ pathInfo: "//r//x" })["PATH_INFO"], "//r//x");
  });

  it("always has QUERY_STRING, raw (RFC 3875 §4.1.7)", () => {
    assert.equal(environment({ query: "" })["QUERY_STRING"], "");
    assert.equal(environment({ query: "a=b?c='d'&%20+" })["QUERY_STRING"], "a=b?c='d'&%20+");
  });

  it("has CONTENT_LENGTH if there is a body, and CONTENT_TYPE if there is such a field, as it is", () => {
    assert.equal(environment({ contentLength: 0 })["CONTENT_LENGTH"], "0");
    assert.equal("CONTENT_LENGTH" in withField("Content-Length", "7"), false);
    assert.equal(withField("content-TYPE", "Text/X; boundary=AbC")["CONTENT_TYPE"], "Text/X; boundary=AbC");
    assert.equal("CONTENT_TYPE" in environment({ contentLength: 3 }), false);
  });

  it("names a user only if the server has checked one (RFC 3875 §4.1.11)", () => {
    const unchecked = environment({
      fields: [
        ["Authorization", "Basic eDp5"],
        ["Remote-User", "root"],
      ],
    });
    assert.equal("REMOTE_USER" in unchecked || "AUTH_TYPE" in unchecked, false);
    const checked = environment({ user: { name: "ann", scheme: "Basic" } });
    assert.equal(checked["REMOTE_USER"], "ann");
    assert.equal(checked["AUTH_TYPE"], "Basic");
  });

  it("takes SERVER_NAME from Host without its port (RFC 3875 §4.1.14)", () => {
    assert.equal(withField("Host", "www.example:81")["SERVER_NAME"], "www.example");
    assert.equal(withField("Host", "[::1]:81")["SERVER_NAME"], "[::1]");
    assert.equal(withField("Host", "")["SERVER_NAME"], "files.example");
    assert.equal(withField("Host", "www.example:81")["SERVER_PORT"], "8000");
    for (const host of ["a b", "a/b", "$(x)", "`x`", "a;b", "[::1", "a:b:c"]) {
      assert.throws(() => withField("Host", host), { code: "ERR_CGI_BAD_REQUEST", status: 400 }, host);
    }
  });

  it("writes addresses plainly (RFC 3875 §4.1.8)", () => {
    assert.equal(environment({ clientAddress: "::ffff:10.0.0.1" })["REMOTE_ADDR"], "10.0.0.1");
    assert.equal(environment({ clientAddress: "fe80::1%eth0" })["REMOTE_ADDR"], "fe80::1");
    assert.equal(environment({ clientAddress: "2001:db8::1" })["REMOTE_ADDR"], "2001:db8::1");
  });

  it("says HTTPS for https only", () => {
    assert.equal("HTTPS" in environment(), false);
    assert.equal(environment({ scheme: "https" })["HTTPS"], "on");
  });

  it("tells of the first request after a local redirect", () => {
    const variables = environment({ redirectedFrom: { path: "/cgi-bin/a", query: "x" } });
    assert.equal(variables["REDIRECT_URL"], "/cgi-bin/a");
    assert.equal(variables["REDIRECT_QUERY_STRING"], "x");
  });

  it("takes over nothing that tells of a request, not even what is asked for by name", () => {
    const names = ["HTTP_PROXY", "HTTP_X_USER", "CONTENT_TYPE", "REMOTE_IDENT", "APP_MODE"];
    const server = Object.fromEntries(names.map((name) => [name, "x"]));
    const variables = scriptEnvironment(REQUEST, { inherit: names }, server);
    assert.deepEqual(
      names.filter((name) => variables.get(name) === "x"),
      ["APP_MODE"],
    );
  });

  it("inherits nothing of the server's environment but what is listed", () => {
    const variables = environment(
      {},
      {},
      { SECRET: "s", TZ: "UTC", HTTP_PROXY: "http://evil", LD_PRELOAD: "x" },
    );
    assert.equal(variables["TZ"], "UTC");
    for (const name of ["SECRET", "HTTP_PROXY", "LD_PRELOAD"]) assert.equal(name in variables, false);
    assert.notEqual(variables["PATH"], undefined);
    assert.notEqual(environment({}, {}, { PATH: "" })["PATH"], "");
  });

  it("adds the owner's variables, empty ones too, but none that the request decides (CVE-2025-65082)", () => {
    const own = {
      GIT_HTTP_EXPORT_ALL: "",
      PATH: "/opt/bin",
      SCRIPT_NAME: "/x",
      HTTP_HOST: "y",
      http_proxy: "z",
    };
    const variables = environment({}, own);
    assert.equal(variables["GIT_HTTP_EXPORT_ALL"], "");
    assert.equal(variables["PATH"], "/opt/bin");
    assert.equal(variables["SCRIPT_NAME"], "/cgi-bin/x.py");
    assert.equal("HTTP_HOST" in variables || "http_proxy" in variables, false);
  });

  it("drops a value that an old bash would run (CVE-2014-6271)", () => {
    assert.equal("HTTP_USER_AGENT" in withField("User-Agent", "() { :;}; echo x"), false);
    assert.equal("QUERY_STRING" in environment({ query: "() { :;}" }), false);
  });

  it("refuses what no environment can carry", () => {
    assert.throws(() => environment({ pathInfo: "/a\0b" }), { code: "ERR_CGI_BAD_REQUEST" });
    assert.throws(() => withField("X-Long", "a".repeat(128 * 1024)), {
      code: "ERR_CGI_REQUEST_TOO_LARGE",
      status: 431,
    });
    const most = 128 * 1024 - 1 - "HTTP_X_LONG=".length;
    assert.equal(withField("X-Long", "a".repeat(most))["HTTP_X_LONG"]?.length, most);
  });

  it("does not encode UTF-8 a second time", () => {
    const onTheWire = Buffer.from("é").toString("latin1");
    assert.equal(environment({ query: onTheWire })["QUERY_STRING"], "é");
    assert.equal(withField("X-Name", onTheWire)["HTTP_X_NAME"], "é");
  });

  it("has a safe PATH for scripts of another user than the server's, unless it is asked for", () => {
    const server = { PATH: "/root/bin:/sbin:/bin" };
    const path = (settings: EnvironmentSettings, from: NodeJS.ProcessEnv = server): string | undefined => {
      const found = scriptEnvironment(REQUEST, settings, from).get("PATH");
      assert.equal(scriptSearchPath(settings, from), found);
      return found;
    };
    assert.equal(path({}), "/root/bin:/sbin:/bin");
    assert.equal(path({}, {}), "/usr/local/bin:/usr/bin:/bin");
    assert.equal(path({ asOtherUser: true }), "/usr/local/bin:/usr/bin:/bin");
    assert.equal(path({ asOtherUser: true, inherit: ["PATH"] }), "/root/bin:/sbin:/bin");
    assert.equal(path({ asOtherUser: true, inherit: ["PATH"] }, {}), "/usr/local/bin:/usr/bin:/bin");
    assert.equal(path({ asOtherUser: true, own: { PATH: "/opt/bin" } }), "/opt/bin");
  });
});
