import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventMessage } from "../../wire/docker/system.ts";
import { matchesEvent } from "./event-filters.ts";

const event: EventMessage = {
  Type: "container",
  Action: "health_status: healthy",
  Actor: { ID: "abc123", Attributes: { name: "web", image: "a.example:5000/nginx:1", tier: "front" } },
  scope: "local",
  time: 1,
  timeNano: 1n,
};

test("events are picked as by Docker", () => {
  const cases: [Record<string, string[]>, boolean][] = [
    [{}, true],
    [{ type: ["container"] }, true],
    [{ type: ["image", "container"] }, true],
    [{ type: ["image"] }, false],
    [{ event: ["health_status"] }, true],
    [{ event: ["health_status: healthy"] }, true],
    [{ event: ["health_status: unhealthy"] }, false],
    [{ container: ["abc"] }, true],
    [{ container: ["we"] }, true],
    [{ container: ["eb"] }, false],
    [{ network: ["web"] }, false],
    [{ image: ["a.example:5000/nginx"] }, true],
    [{ image: ["a.example:5000/nginx:1"] }, true],
    [{ image: ["nginx"] }, false],
    [{ label: ["tier"] }, true],
    [{ label: ["tier=front", "name=web"] }, true],
    [{ label: ["tier=back"] }, false],
    [{ scope: ["swarm"] }, false],
    [{ type: ["container"], container: ["db"] }, false],
    [{ unknown: ["x"] }, true],
  ];
  for (const [filters, expected] of cases) {
    assert.equal(matchesEvent(filters, event), expected, JSON.stringify(filters));
  }
});
