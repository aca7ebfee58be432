import assert from "node:assert/strict";
import { test } from "node:test";
import { openEvents } from "./events.ts";

test("events reach subscribers, carry the legacy fields of containers, and never share a time", () => {
  const events = openEvents();
  const seen: string[] = [];
  const stop = events.subscribe((event) => seen.push(`${event.Type} ${event.Action} ${event.from}`));
  events.emit("container", "start", { id: "c", attributes: { image: "busybox" } });
  events.emit("network", "connect", { id: "n", attributes: {} });
  stop();
  events.emit("container", "die", { id: "c", attributes: { image: "busybox" } });
  assert.deepEqual(seen, ["container start busybox", "network connect undefined"]);
  const times = events.past().map((event) => event.timeNano);
  assert.equal(new Set(times).size, times.length);
});

test("only the last 256 events are held", () => {
  const events = openEvents();
  for (let count = 0; count < 300; count++) events.emit("image", String(count), { id: "i", attributes: {} });
  assert.equal(events.past().length, 256);
  assert.equal(events.past()[0]?.Action, "44");
});
