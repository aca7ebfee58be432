import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { readCsv } from "./csv.ts";
import { parseDevice, parseGpus, parseUlimit } from "./devices.ts";
import { execVariables, labelsOf, proxySettings, variablesOf } from "./environment.ts";
import { parseMount } from "./mount.ts";
import { endpointsOf, isMacAddress, parseNetwork } from "./network.ts";
import { portsOf } from "./ports.ts";
import { restartPolicyOf } from "./restart-policy.ts";
import { securityOptions } from "./security.ts";
import { volumesOf } from "./volumes.ts";

function refuses(texts: Readonly<Record<string, string>>, read: (text: string) => unknown): void {
  for (const [text, message] of Object.entries(texts)) assert.throws(() => read(text), { message }, text);
}

test("comma-separated values", () => {
  assert.deepEqual(readCsv('a,"b,c","d ""e""",'), ["a", "b,c", 'd "e"', ""]);
  refuses({ "": "EOF", 'a"b': 'parse error on line 1, column 2: bare " in non-quoted-field' }, readCsv);
});

describe("ports", () => {
  const bindings = (...specs: string[]): unknown => portsOf(specs, []).bindings;

  test("every form", () => {
    assert.deepEqual(bindings("80"), { "80/tcp": [{ HostIp: "", HostPort: "" }] });
    assert.deepEqual(bindings("[::1]:8080:80/UDP"), { "80/udp": [{ HostIp: "::1", HostPort: "8080" }] });
    assert.deepEqual(bindings("127.0.0.1::80"), { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] });
    assert.deepEqual(bindings("8000-8001:80"), { "80/tcp": [{ HostIp: "", HostPort: "8000-8001" }] });
    assert.deepEqual(bindings("8000-8001:80-81"), {
      "80/tcp": [{ HostIp: "", HostPort: "8000" }],
      "81/tcp": [{ HostIp: "", HostPort: "8001" }],
    });
    assert.deepEqual(bindings("target=80,published=8080"), { "80/tcp": [{ HostIp: "", HostPort: "8080" }] });
    assert.deepEqual(Object.keys(portsOf(["80"], ["90-91/udp", "80"]).exposed), ["80/tcp", "90/udp", "91/udp"]);
  });

  test("what is refused", () => {
    refuses(
      {
        x: "Invalid containerPort: x",
        "99999": "Invalid containerPort: 99999",
        "x:80": "Invalid hostPort: x",
        "1.2.3:80:80": "Invalid ip address: 1.2.3",
        "80-90:81-82": "Invalid ranges specified for container and host Ports: 81-82 and 80-90",
        "80/foo": "Invalid proto: foo",
        "80:": "No port specified: 80:<empty>",
        "a=b,c": "invalid publish opts format (should be name=value but got 'c')",
      },
      bindings,
    );
    assert.throws(() => portsOf([], ["1:2"]), { message: "invalid port format for --expose: 1:2" });
  });
});

test("mounts", () => {
  assert.deepEqual(parseMount("type=bind,src=./x,dst=/y,ro"), {
    Type: "bind",
    Source: resolve("x"),
    Target: "/y",
    ReadOnly: true,
  });
  assert.deepEqual(parseMount("target=/y,volume-opt=a=b"), {
    Type: "volume",
    Target: "/y",
    VolumeOptions: { DriverConfig: { Options: { a: "b" } } },
  });
  assert.deepEqual(parseMount("type=tmpfs,target=/t,tmpfs-size=1k,tmpfs-mode=1777").TmpfsOptions, {
    SizeBytes: 1024,
    Mode: 0o1777,
  });
  refuses(
    {
      "type=bind": "target is required",
      "type=,target=/x": "type is required",
      x: "invalid field 'x' must be a key=value pair",
      "a=b": "unexpected key 'a' in 'a=b'",
      "target=/x,ro=y": "invalid value for ro: y",
      "type=bind,target=/x,volume-nocopy": "cannot mix 'volume-*' options with mount type 'bind'",
      "type=bind,target=/x,bind-recursive=writable":
        "option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction",
    },
    parseMount,
  );
});

test("volumes", () => {
  assert.deepEqual(volumesOf(["/data", "/a:/b", "/a:/b", "name:/c:ro", "c:/d", "./e:/f"]), {
    binds: ["/a:/b", "name:/c:ro", `${resolve("e")}:/f`],
    volumes: { "/data": {}, "c:/d": {} },
  });
  refuses({ "": "invalid empty volume spec", "ab:cd:ef:gh": "invalid spec: ab:cd:ef:gh: too many colons" }, (text) =>
    volumesOf([text]),
  );
});

test("networks", () => {
  assert.deepEqual(parseNetwork("mine"), { target: "mine" });
  assert.deepEqual(parseNetwork("name=mine,alias=A,ip=1.2.3.4,gw-priority=2,driver-opt=K=V"), {
    target: "mine",
    aliases: ["a"],
    ipv4: "1.2.3.4",
    gatewayPriority: 2,
    driverOptions: { k: "V" },
  });
  refuses({ "alias=x": "network name/id is not specified", "name=x,foo=y": "invalid field key foo" }, parseNetwork);
  const plain = { aliases: [], links: [], ipv4: "", ipv6: "", macAddress: "", linkLocalIps: [] };
  assert.deepEqual(endpointsOf([{ target: "mine" }], plain), {});
  assert.deepEqual(Object.keys(endpointsOf([{ target: "a" }, { target: "b" }], plain)), ["a", "b"]);
  assert.deepEqual(endpointsOf([{ target: "mine" }], { ...plain, aliases: ["x"] }).mine?.Aliases, ["x"]);
  assert.throws(() => endpointsOf([{ target: "bridge" }], { ...plain, aliases: ["x"] }), {
    message: "network-scoped aliases are only supported for user-defined networks",
  });
  assert.throws(() => endpointsOf([{ target: "a", ipv4: "1.2.3.4" }], { ...plain, ipv4: "1.2.3.5" }), {
    message: "conflicting options: cannot specify both --ip and per-network IPv4 address",
  });
  assert.deepEqual(["92:d0:c6:0a:29:33", "92-d0-c6-0a-29-33", "92d0.c60a.2933", "x", "92:d0"].map(isMacAddress), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

test("devices, limits and GPUs", () => {
  const device = (PathOnHost: string, PathInContainer: string, CgroupPermissions: string): object => ({
    PathOnHost,
    PathInContainer,
    CgroupPermissions,
  });
  assert.deepEqual(parseDevice("/dev/sda"), device("/dev/sda", "/dev/sda", "rwm"));
  assert.deepEqual(parseDevice("/dev/sda:rw"), device("/dev/sda", "/dev/sda", "rw"));
  assert.deepEqual(parseDevice("/dev/sda:/dev/xvda:r"), device("/dev/sda", "/dev/xvda", "r"));
  refuses(
    { x: "x is not an absolute path", "/a:/b:q": "bad mode specified: q", ":/b": "bad format for path: :/b" },
    parseDevice,
  );
  assert.deepEqual(parseUlimit("nofile=1:2"), { Name: "nofile", Hard: 2, Soft: 1 });
  refuses({ x: "invalid ulimit argument: x", "foo=1": "invalid ulimit type: foo" }, parseUlimit);
  assert.deepEqual(parseGpus("all"), { Driver: "", Count: -1, DeviceIDs: null, Capabilities: [["gpu"]], Options: {} });
  assert.deepEqual(parseGpus('"device=0,1"').DeviceIDs, ["0", "1"]);
});

test("restart policies", () => {
  assert.deepEqual(restartPolicyOf("on-failure:3"), { Name: "on-failure", MaximumRetryCount: 3 });
  refuses(
    {
      ":3": "invalid restart policy format: no policy provided before colon",
      "a:b": "invalid restart policy format: maximum retry count must be an integer",
    },
    restartPolicyOf,
  );
});

describe("files", () => {
  const withFile = async (content: string, use: (path: string) => Promise<void>): Promise<void> => {
    const dir = await mkdtemp(join(tmpdir(), "escale-spec-"));
    try {
      await writeFile(join(dir, "file"), content);
      await use(join(dir, "file"));
    } finally {
      await rm(dir, { recursive: true });
    }
  };

  test("variables come from files, then flags, and from outside where only named", () =>
    withFile("\uFEFF# comment\n\nA=file\n  B=b c\r\nSET\nUNSET\n", async (path) => {
      const environment = { SET: "outside" };
      assert.deepEqual(await variablesOf([path], ["A=1", "C", "A=2", "SET"], ["P=x", "A=no"], environment), [
        "A=file",
        "B=b c",
        "SET=outside",
        "A=2",
        "C",
        "SET=outside",
        "P=x",
      ]);
      assert.deepEqual(await execVariables([], ["A=1", "A=2"], {}), ["A=1", "A=2"]);
    }));

  test("lines that are no variables are refused", () =>
    withFile("ok=1\na b=c\n", async (path) => {
      const message = `invalid env file (${path}): variable 'a b' contains whitespaces`;
      await assert.rejects(variablesOf([path], [], [], {}), { message });
      await assert.rejects(variablesOf(["/nosuch"], [], [], {}), {
        message: "open /nosuch: no such file or directory",
      });
    }));

  test("labels", () =>
    withFile("a=file\nonly-named\n", async (path) => {
      assert.deepEqual(await labelsOf([path], ["b", "c=d=e"]), { a: "file", b: "", c: "d=e" });
    }));

  test("a seccomp profile travels as its content", () =>
    withFile('{ "a": [ 1, 2 ] }', async (path) => {
      const { options, maskedPaths } = await securityOptions([`seccomp=${path}`, "no-new-privileges"]);
      assert.deepEqual(options, ['seccomp={"a":[1,2]}', "no-new-privileges"]);
      assert.equal(maskedPaths, null);
      await assert.rejects(securityOptions(["x"]), { message: 'Invalid --security-opt: "x"' });
    }));
});

test("proxies of the configuration become variables in both spellings", () => {
  const proxies = { default: { httpProxy: "http://p:1", noProxy: "x" } };
  assert.deepEqual(proxySettings(proxies, "unix:///x"), [
    "HTTP_PROXY=http://p:1",
    "http_proxy=http://p:1",
    "NO_PROXY=x",
    "no_proxy=x",
  ]);
});
