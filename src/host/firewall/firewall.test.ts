import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { enterOwnNetwork, runIn } from "../../../test/kit/own-network.ts";
import { parseAddress, parseCidr, type Subnet } from "../../base/ipv4.ts";
import { type FirewallBridge, openFirewall, type PublishedPort } from "./index.ts";

before(enterOwnNetwork);
afterEach(() => runIn(undefined, "nft", "flush", "ruleset"));

const subnet: Subnet = parseCidr("172.17.0.0/16")?.subnet ?? assert.fail();
const bridge: FirewallBridge = { name: "esc-test0", subnet };
const rules = (): Promise<string> => runIn(undefined, "nft", "list", "ruleset");

function published(hostPort: number, hostAddress = "0.0.0.0"): PublishedPort {
  return {
    protocol: "tcp",
    hostAddress: parseAddress(hostAddress) ?? assert.fail(),
    hostPort,
    address: parseAddress("172.17.0.2") ?? assert.fail(),
    port: 80,
  };
}

test("the table comes with the first bridge and goes as a whole", async () => {
  using firewall = openFirewall("esc-test");
  assert.equal(await rules(), "");
  firewall.addBridge(bridge);
  firewall.publish([published(8080), published(8081, "127.0.0.1")]);
  const text = await rules();
  assert.match(text, /tcp \. 8080 : 172\.17\.0\.2 \. 80/);
  assert.match(text, /tcp \. 127\.0\.0\.1 \. 8081 : 172\.17\.0\.2 \. 80/);
  firewall.unpublish([published(8080), published(9999)]);
  assert.doesNotMatch(await rules(), /8080/);
  firewall.removeAll();
  assert.equal(await rules(), "");
  firewall.removeAll();
});

test("two engines do not see each other", async () => {
  using one = openFirewall("esc-one");
  using other = openFirewall("esc-other");
  one.addBridge(bridge);
  other.addBridge({ ...bridge, name: "esc-other0" });
  one.publish([published(8080)]);
  other.removeAll();
  assert.match(await rules(), /8080/);
  assert.equal(one.verify(), false);
});

test("rules that somebody flushed come back", async () => {
  using firewall = openFirewall("esc-test");
  firewall.addBridge(bridge);
  firewall.publish([published(8080)]);
  const whole = await rules();
  assert.equal(firewall.verify(), false);
  await runIn(undefined, "nft", "add", "table", "ip", "stranger");
  assert.equal(firewall.verify(), false);
  await runIn(undefined, "nft", "flush", "ruleset");
  assert.equal(firewall.verify(), true);
  assert.equal(await rules(), whole);
  await runIn(undefined, "nft", "flush", "chain", "ip", "esc-test", "forward");
  assert.equal(firewall.verify(), true);
  assert.equal(await rules(), whole);
  await runIn(undefined, "nft", "flush", "ruleset");
  firewall.publish([published(8082)]);
  await runIn(undefined, "nft", "flush", "ruleset");
  firewall.unpublish([published(8082)]);
  assert.equal(await rules(), whole);
});

test("restoring replaces whatever an earlier daemon left", async () => {
  using before = openFirewall("esc-test");
  before.addBridge(bridge);
  before.publish([published(8080), published(8081)]);
  using after = openFirewall("esc-test");
  after.restore([bridge], [published(8081)]);
  const text = await rules();
  assert.doesNotMatch(text, /8080/);
  assert.match(text, /8081/);
  after.unpublish([published(8081)]);
  assert.doesNotMatch(await rules(), /8081/);
});

test("a chain of others that drops what is forwarded lets the bridge pass, where Docker is and where not", async () => {
  await runIn(
    undefined,
    "nft",
    "add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }",
  );
  using firewall = openFirewall("esc-test");
  firewall.addBridge(bridge);
  const accepted = async (chain: string): Promise<number> => {
    const text = await runIn(undefined, "nft", "list", "chain", "ip", "filter", chain);
    return text.match(/[io]ifname "esc-test0" .*accept/g)?.length ?? 0;
  };
  assert.equal(await accepted("FORWARD"), 2);

  await runIn(undefined, "nft", "add chain ip filter DOCKER-USER");
  firewall.verify();
  firewall.verify();
  assert.equal(await accepted("DOCKER-USER"), 2);

  firewall.removeAll();
  assert.doesNotMatch(await rules(), /esc-test/);
});
