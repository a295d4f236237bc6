import { describe, it } from "node:test";
import assert from "node:assert/strict";
import type { NetworkInterfaceInfo } from "node:os";

import {
  bannerLines,
  reachableUrls,
  scriptUser,
  type BannerFacts,
  urlForOthers,
} from "../../src/cli/banner.ts";

const INTERFACES: BannerFacts["interfaces"] = {
  lo: [address("127.0.0.1", "IPv4", true), address("::1", "IPv6", true)],
  eth0: [
    address("2001:db8::7", "IPv6"),
    address("192.0.2.7", "IPv4"),
    address("fe80::1", "IPv6"),
    address("169.254.3.4", "IPv4"),
  ],
  wlan0: [address("198.51.100.9", "IPv4"), address("192.0.2.7", "IPv4")],
};

function address(ip: string, family: "IPv4" | "IPv6", internal = false): NetworkInterfaceInfo {
  const rest = { address: ip, netmask: "", mac: "", internal, cidr: null };
  return family === "IPv4" ? { ...rest, family } : { ...rest, family, scopeid: 0 };
}

function banner(facts: Partial<BannerFacts>): string[] {
  return bannerLines({
    address: ["127.0.0.1", 8000],
    interfaces: INTERFACES,
    directory: undefined,
    scriptUser: undefined,
    isLogServed: false,
    base: "",
    asksForPassword: false,
    missingPage: undefined,
    missingScriptFolders: [],
    hasNoScripts: false,
    ...facts,
  });
}

describe("bannerLines", () => {
  it("begins with the line of the specification, with the real port", () => {
    assert.deepEqual(banner({ address: ["127.0.0.1", 43210] }), [
      "Serving HTTP on 127.0.0.1 port 43210 (http://127.0.0.1:43210/) ...",
    ]);
  });

  it("puts an IPv6 address into brackets in the URL only", () => {
    assert.equal(banner({ address: ["::1", 80] })[0], "Serving HTTP on ::1 port 80 (http://[::1]:80/) ...");
  });

  it("lists localhost, then each IPv4 and IPv6 address that is not link-local, once, for every interface", () => {
    assert.deepEqual(banner({ address: ["::", 8000] }), [
      "Serving HTTP on :: port 8000 (http://[::]:8000/) ...",
      "  http://localhost:8000/",
      "  http://192.0.2.7:8000/",
      "  http://198.51.100.9:8000/",
      "  http://[2001:db8::7]:8000/",
    ]);
  });

  it("lists no IPv6 address for every interface of IPv4", () => {
    assert.deepEqual(banner({ address: ["0.0.0.0", 80] }).slice(1), [
      "  http://localhost:80/",
      "  http://192.0.2.7:80/",
      "  http://198.51.100.9:80/",
    ]);
  });

  it("says which folder is served, with control characters made visible", () => {
    assert.deepEqual(banner({ directory: "/srv/a\n\u001b[2J" }).slice(1), ["Folder: /srv/a\\x0a\\x1b[2J"]);
  });

  it("names a Unix socket and how to try it", () => {
    assert.deepEqual(banner({ address: "/run/site.sock", directory: "/srv" }), [
      "Serving HTTP on unix:/run/site.sock ...",
      "  curl --unix-socket /run/site.sock http://localhost/",
      "Folder: /srv",
    ]);
  });

  it("says that visitors can read the log file", () => {
    assert.deepEqual(banner({ directory: "/srv", isLogServed: true }).slice(1), [
      "Folder: /srv",
      "The log file is in that folder: whoever reaches the server can read it.",
    ]);
  });

  it("says whom scripts run as", () => {
    assert.deepEqual(banner({ scriptUser: { kind: "chosen", name: "nobody" } }).slice(1), [
      "CGI scripts run as the user nobody.",
    ]);
    assert.deepEqual(banner({ scriptUser: { kind: "same", name: "ada" } }).slice(1), [
      "CGI scripts run as ada, the user who started htbin.",
    ]);
  });
});

describe("scriptUser", () => {
  const root = { isRoot: true, name: "root" };
  const ada = { isRoot: false, name: "ada" };

  it("is nobody for root, unless another is chosen", () => {
    assert.deepEqual(scriptUser(undefined, root), { kind: "chosen", name: "nobody" });
    assert.deepEqual(scriptUser("www-data", root), { kind: "chosen", name: "www-data" });
  });

  it("is the starter for everybody else", () => {
    assert.deepEqual(scriptUser(undefined, ada), { kind: "same", name: "ada" });
  });
});

describe("the URLs of a server", () => {
  const at = (
    address: BannerFacts["address"],
    base = "",
  ): { address: BannerFacts["address"]; interfaces: BannerFacts["interfaces"]; base: string } => ({
    address,
    interfaces: INTERFACES,
    base,
  });

  it("hold the prefix, and the banner shows them then", () => {
    assert.deepEqual(banner({ address: ["127.0.0.1", 80], base: "/docs" }).slice(1), [
      "  http://127.0.0.1:80/docs/",
    ]);
    assert.deepEqual(reachableUrls(at(["::1", 80], "/docs")), ["http://[::1]:80/docs/"]);
    assert.deepEqual(banner({ address: "/run/x.sock", base: "/docs" }).slice(1), [
      "  curl --unix-socket /run/x.sock http://localhost/docs/",
    ]);
  });

  it("are for a phone from the first that is no loopback address", () => {
    assert.equal(urlForOthers(at(["::", 8000], "/docs")), "http://192.0.2.7:8000/docs/");
    assert.equal(urlForOthers(at(["192.0.2.9", 8000])), "http://192.0.2.9:8000/");
    for (const host of ["127.0.0.1", "127.1.2.3", "::1"])
      assert.equal(urlForOthers(at([host, 80])), undefined);
    assert.equal(urlForOthers(at("/run/x.sock")), undefined);
  });
});

describe("passwords", () => {
  const warning = (address: BannerFacts["address"], asksForPassword = true): boolean =>
    banner({ address, asksForPassword }).some((line) =>
      line.startsWith("Passwords cross the network unencrypted"),
    );

  it("are warned of where other machines can reach the server", () => {
    assert.ok(warning(["::", 80]) && warning(["0.0.0.0", 80]) && warning(["192.0.2.7", 80]));
    assert.ok(!warning(["127.0.0.1", 80]) && !warning(["::1", 80]) && !warning("/run/x.sock"));
    assert.ok(!warning(["::", 80], false));
  });
});

describe("the page of --single", () => {
  it("is missed where it is not in the folder", () => {
    assert.deepEqual(banner({ directory: "/srv", missingPage: "index.html" }).slice(1), [
      "Folder: /srv",
      "There is no index.html in it: pages of the application are 404 until there is.",
    ]);
  });
});

describe("the folders of --cgi-dir", () => {
  it("are missed where they are not in the served folder: a path of the disk is none", () => {
    assert.deepEqual(banner({ directory: "/srv", missingScriptFolders: ["/usr/lib/cgi-bin"] }).slice(1), [
      "Folder: /srv",
      "There is no usr/lib/cgi-bin in it: --cgi-dir is a path below that folder.",
    ]);
  });

  it("are missed where there is neither of the usual ones, as in cgi-bin/ itself", () => {
    assert.deepEqual(banner({ directory: "/srv", hasNoScripts: true }).slice(1), [
      "Folder: /srv",
      "There is no cgi-bin/ or htbin/ in it: no script runs until there is.",
    ]);
  });
});
