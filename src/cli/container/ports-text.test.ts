import assert from "node:assert/strict";
import { test } from "node:test";
import type { PortSummary } from "../../wire/docker/containers.ts";
import { portsText } from "./ports-text.ts";

function tcp(PrivatePort: number, IP?: string, PublicPort?: number): PortSummary {
  return { PrivatePort, Type: "tcp", ...(IP !== undefined && { IP }), ...(PublicPort !== undefined && { PublicPort }) };
}

test("runs of ports stand together, ports with another number outside stand last", () => {
  const cases: [PortSummary[], string][] = [
    [[], ""],
    [[tcp(80)], "80/tcp"],
    [[tcp(82), tcp(80), tcp(81)], "80-82/tcp"],
    [[tcp(80), { PrivatePort: 80, Type: "udp" }], "80/tcp, 80/udp"],
    [[tcp(80, "0.0.0.0", 8080), tcp(80, "::", 8080)], "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp"],
    [[tcp(80, "0.0.0.0", 80), tcp(81, "0.0.0.0", 81)], "0.0.0.0:80-81->80-81/tcp"],
    [[tcp(80, "127.0.0.1", 1), tcp(90)], "90/tcp, 127.0.0.1:1->80/tcp"],
    [[tcp(80), tcp(90)], "80/tcp, 90/tcp"],
  ];
  for (const [ports, text] of cases) assert.equal(portsText(ports), text);
});
