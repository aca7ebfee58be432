import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { test } from "node:test";
import { ask, openDoor, rawClient } from "./fixture.ts";

const upgrade = "Host: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
const multiplexed = "application/vnd.docker.multiplexed-stream";
const raw = "application/vnd.docker.raw-stream";

function framed(stream: number, text: string): string {
  return `${String.fromCharCode(stream, 0, 0, 0, 0, 0, 0, text.length)}${text}`;
}

async function soon(isTrue: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 3000 && !isTrue(); waited += 5) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(isTrue(), what);
}

test("an attach with upgrade headers: head, early bytes, half close", async () => {
  await using door = await openDoor();
  const client = rawClient(
    door.path,
    `POST /v1.51/containers/c1/attach?stream=1&stdin=1 HTTP/1.1\r\n${upgrade}\r\nearly`,
  );
  const head = `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${multiplexed}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
  await client.until(framed(1, "early"));
  client.socket.write("later");
  await client.until(framed(1, "later"));
  client.socket.end();
  assert.equal(
    await client.untilEnd(),
    head + framed(1, "ready\n") + framed(1, "early") + framed(1, "later") + framed(2, "eof\n"),
  );
});

test("an attach closes when the container ends, also while the client goes on sending", async () => {
  await using door = await openDoor();
  const client = rawClient(door.path, `POST /containers/tty/attach?stream=1 HTTP/1.1\r\n${upgrade}\r\n`);
  await client.until("ready");
  client.socket.write("quit");
  assert.match(await client.untilEnd(), new RegExp(`Content-Type: ${raw}\\r\\n.+\\r\\n\\r\\nready\\nquit$`, "s"));
});

test("older clients are told raw and get frames", async () => {
  await using door = await openDoor();
  const client = rawClient(door.path, `POST /v1.41/containers/c1/attach?stream=1 HTTP/1.1\r\n${upgrade}\r\n`);
  const text = await client.until(framed(1, "ready\n"));
  assert.match(text, new RegExp(`Content-Type: ${raw}\\r\\n`));
  client.socket.destroy();
});

test("an attach without upgrade headers: 200, then the bare connection", async () => {
  await using door = await openDoor();
  for (const early of ["", "early bytes", "POtato", "12\r\n\r\n"]) {
    const client = rawClient(
      door.path,
      `POST /containers/c1/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: d\r\n\r\n${early}`,
    );
    await client.until("ready\n");
    if (early !== "") await client.until(framed(1, early));
    for (const piece of ["GET / HTTP/1.1\r\n\r\n", "\0\u0001\u00ff"]) {
      client.socket.write(piece, "latin1");
      await client.until(framed(1, piece));
    }
    client.socket.end();
    const text = await client.untilEnd();
    assert.ok(text.startsWith(`HTTP/1.1 200 OK\r\nContent-Type: ${raw}\r\n\r\n${framed(1, "ready\n")}`), text);
    assert.ok(text.endsWith(framed(2, "eof\n")), text);
  }
});

test("an attach behind pipelined requests on a used connection", async () => {
  await using door = await openDoor();
  const ping = "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n";
  for (const headers of [upgrade, "Host: d\r\n"]) {
    const client = rawClient(door.path, ping);
    await client.until("OK");
    client.socket.write(`${ping}${ping}POST /containers/tty/attach?stream=1&stdin=1 HTTP/1.1\r\n${headers}\r\n`);
    await client.until("ready\n");
    client.socket.write("more");
    await client.until("more");
    client.socket.end();
    assert.equal((await client.untilEnd()).split("HTTP/1.1 200 OK\r\nApi-Version").length, 4);
  }
});

test("errors of an attach are plain text on the connection", async () => {
  await using door = await openDoor();
  for (const headers of [upgrade, "Host: d\r\n"]) {
    const unknown = rawClient(door.path, `POST /containers/no/attach?stream=1 HTTP/1.1\r\n${headers}\r\n`);
    assert.equal(
      await unknown.untilEnd(),
      `HTTP/1.1 404 Not Found\r\nContent-Type: ${raw}\r\n\r\nNo such container: no\r\n`,
    );
    const keys = rawClient(door.path, `POST /containers/c1/attach?detachKeys=zz HTTP/1.1\r\n${headers}\r\n`);
    assert.match(
      await keys.untilEnd(),
      /^HTTP\/1\.1 400 Bad Request\r\n.+\r\n\r\nInvalid detach keys \(zz\) provided\r\n$/s,
    );
    for (const client of [unknown, keys]) client.socket.destroy();
  }
});

test("upgrade headers are ignored where nothing can be taken over", async () => {
  await using door = await openDoor();
  const client = rawClient(door.path, "GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
  await client.until("\r\n\r\nOK");
  client.socket.write("GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n");
  assert.equal((await client.untilEnd()).split("200 OK").length, 3);
});

test("an exec starts with its body before and its input behind", async () => {
  await using door = await openDoor();
  const bodies = [
    'Content-Length: 12\r\n\r\n{"Tty":false',
    'Transfer-Encoding: chunked\r\n\r\n5\r\n{"Tty\r\n8\r\n":false}\r\n0\r\n\r\n',
  ];
  for (const [index, body] of bodies.entries()) {
    const client = rawClient(
      door.path,
      `POST /exec/e1/start HTTP/1.1\r\n${upgrade}Content-Type: application/json\r\n${body}`,
    );
    // The rest of the first body comes later, with input right behind.
    await new Promise((resolve) => setTimeout(resolve, 10));
    client.socket.write(index === 0 ? "input" : "input");
    if (index === 0) {
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 400 Bad Request.+invalid JSON/s);
      continue;
    }
    await client.until(framed(1, "input"));
    client.socket.end();
    const text = await client.untilEnd();
    assert.match(text, new RegExp(`^HTTP/1\\.1 101 UPGRADED\\r\\nContent-Type: ${multiplexed}\\r\\n`));
    assert.match(text, /\r\nApi-Version: 1\.51\r\n/);
  }
  const client = rawClient(
    door.path,
    `POST /exec/e1/start HTTP/1.1\r\n${upgrade}Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{"Tty":`,
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  client.socket.write("false}input");
  await client.until(framed(1, "input"));
  client.socket.destroy();
});

test("an exec without upgrade headers, with input behind its body", async () => {
  await using door = await openDoor();
  const head =
    "POST /exec/e1/start HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n";
  const client = rawClient(door.path, `${head}{"Tty":true}`);
  await client.until("ready\n");
  client.socket.write("input");
  await client.until("input");
  client.socket.end();
  assert.match(
    await client.untilEnd(),
    /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\nApi-Version/,
  );
});

test("errors of an exec: before the head as documents, behind it on the stream", async () => {
  await using door = await openDoor();
  const post = (id: string, headers: string, body = "{}"): string =>
    `POST /exec/${id}/start HTTP/1.1\r\n${headers}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const unknown = rawClient(door.path, post("no", upgrade));
  assert.match(
    await unknown.untilEnd(),
    /^HTTP\/1\.1 404 Not Found\r\nApi-Version.+\{"message":"No such exec instance: no"\}\n$/s,
  );
  const broken = rawClient(door.path, post("broken", upgrade));
  assert.ok((await broken.untilEnd()).endsWith(`\r\n\r\n${framed(1, "OCI runtime exec failed\r\n")}`));

  // Started without streams, the connection stays one of HTTP.
  const client = rawClient(door.path, post("e1", "Host: d\r\n", '{"Detach":true}'));
  await client.until("200 OK");
  client.socket.write(post("e1", "Host: d\r\n", '{"Detach":true}'));
  await client.until("409 Conflict");
  client.socket.write("GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n");
  assert.match(await client.untilEnd(), /exec command e1 has already run.+\r\n\r\nOK$/s);
  for (const { socket } of [unknown, broken, client]) socket.destroy();
});

test("a wait sends its head at once and its answer at the exit", async () => {
  await using door = await openDoor();
  const client = rawClient(door.path, "POST /containers/c1/wait?condition=next-exit HTTP/1.1\r\nHost: d\r\n\r\n");
  const head = await client.until("\r\n\r\n");
  assert.match(
    head,
    /^HTTP\/1\.1 200 OK\r\nApi-Version.+Content-Type: application\/json.+Transfer-Encoding: chunked\r\n\r\n$/s,
  );
  door.engine.exit({ StatusCode: 3 });
  assert.match(await client.until("0\r\n\r\n"), /\{"StatusCode":3\}\n\r\n0\r\n\r\n$/);
  client.socket.destroy();
  assert.match(
    (await ask(door.path, "POST", "/containers/c1/wait?condition=foo")).body,
    /invalid condition: \\"foo\\"/,
  );
  assert.equal((await ask(door.path, "POST", "/containers/no/wait")).status, 404);
});

test("a client that goes away, or ends its side, ends its wait", async () => {
  await using door = await openDoor();
  const leaving = rawClient(door.path, "POST /containers/c1/wait HTTP/1.1\r\nHost: d\r\n\r\n");
  const ending = rawClient(door.path, "POST /containers/c1/wait HTTP/1.1\r\nHost: d\r\n\r\n");
  await Promise.all([leaving.until("200 OK"), ending.until("200 OK")]);
  leaving.socket.destroy();
  ending.socket.end();
  await soon(() => door.engine.abandonedWaits() === 2, "both waits are abandoned");
  assert.match(await ending.untilEnd(), /0\r\n\r\n$/);
});

test("logs: framed by line, raw for a terminal, typed by version", async () => {
  await using door = await openDoor();
  const framedLines = framed(2, "err\n") + framed(1, "one\n") + framed(1, "two\n");
  const get = async (target: string): Promise<[string | undefined, string]> => {
    const { headers, body } = await ask(door.path, "GET", `${target}?stdout=1&stderr=1`);
    return [headers["Content-Type"], body.replaceAll(/(^|\r\n)[0-9a-f]+\r\n/g, "").replace(/\r\n$/, "")];
  };
  assert.deepEqual(await get("/containers/c1/logs"), [multiplexed, framedLines]);
  assert.deepEqual(await get("/v1.41/containers/c1/logs"), [raw, framedLines]);
  assert.deepEqual(await get("/containers/tty/logs"), [raw, "err\none\ntwo\n"]);
});

test("a slow reader stops the source, and leaving ends it", async () => {
  await using door = await openDoor();
  const client = rawClient(door.path);
  client.socket.pause();
  client.socket.write("GET /containers/endless/logs?stdout=1&follow=1 HTTP/1.1\r\nHost: d\r\n\r\n");
  await soon(() => door.engine.logPieces() > 0, "the log flows");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const taken = door.engine.logPieces();
  assert.ok(taken < 200, `${taken} pieces are buffered for one client that reads nothing`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(door.engine.logPieces(), taken);
  client.socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(door.engine.logPieces() <= taken + 2);
});

test("events: past and to come, filtered, with all digits of their time", async () => {
  await using door = await openDoor();
  const { events } = door.engine;
  events.emit("container", "create", { id: "c1", attributes: { name: "web", image: "nginx:1", x: "<&>" } });
  events.emit("network", "connect", { id: "n1", attributes: { name: "bridge" } });
  const past = await ask(door.path, "GET", `/events?since=1&until=${((Date.now() + 30) / 1000).toFixed(3)}`);
  assert.match(past.body, /"x":"\\u003c\\u0026\\u003e"/);
  assert.match(past.body, new RegExp(`"timeNano":${events.past()[0]?.timeNano}\\}`));
  assert.match(past.body, /"Type":"network"/);

  const filters = encodeURIComponent('{"container":["we"],"event":["exec_start"]}');
  const client = rawClient(door.path, `GET /events?filters=${filters} HTTP/1.1\r\nHost: d\r\n\r\n`);
  await client.until("\r\n\r\n");
  for (const action of ["start", "exec_start: sh"])
    events.emit("container", action, { id: "c1", attributes: { name: "web" } });
  events.emit("container", "exec_start: sh", { id: "c2", attributes: { name: "db" } });
  events.emit("container", "exec_start: last", { id: "c1", attributes: { name: "web" } });
  const text = await client.until("exec_start: last");
  assert.doesNotMatch(text, /"Action":"start"|"id":"c2"/);
  const info = JSON.parse((await ask(door.path, "GET", "/info")).body) as { NEventsListener: number };
  assert.equal(info.NEventsListener, 1);
  client.socket.destroy();

  const until = await ask(door.path, "GET", `/events?until=${((Date.now() + 60) / 1000).toFixed(3)}`);
  assert.equal(until.status, 200);
});

test("archives in and out: progress, errors inside a stream, a broken answer", async () => {
  await using door = await openDoor();
  const body = "x".repeat(300_000);
  const load = await ask(door.path, "POST", "/images/load?quiet=1", { body });
  assert.match(load.body, /\{"stream":"Loaded image: a:1\\n"\}\r\n/);
  assert.match(load.body, /\{"errorDetail":\{"message":"unexpected EOF"\},"error":"unexpected EOF"\}\r\n/);
  assert.equal(door.engine.loadedBytes(), body.length);
  const save = await ask(door.path, "GET", "/images/get?names=a:1");
  assert.deepEqual([save.headers["Content-Type"], save.body.includes("whole")], ["application/x-tar", true]);
  assert.equal((await ask(door.path, "GET", "/images/x/y:1/get")).body, '{"message":"No such image: x/y:1"}\n');
  const half = await ask(door.path, "GET", "/images/get?names=a:1&names=b");
  assert.doesNotMatch(half.body, /0\r\n\r\n$/);
});

test("closing the door ends what is open and removes its socket", async () => {
  const door = await openDoor();
  const attached = rawClient(door.path, `POST /containers/c1/attach?stream=1 HTTP/1.1\r\n${upgrade}\r\n`);
  const idle = rawClient(door.path, "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n");
  await Promise.all([attached.until("ready"), idle.until("OK")]);
  await door[Symbol.asyncDispose]();
  await Promise.all([attached.untilEnd(), idle.untilEnd()]);
  await assert.rejects(access(door.path), { code: "ENOENT" });
});
