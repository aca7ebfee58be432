import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Client, openClient } from "./client.ts";
import { parseEndpoint } from "./endpoint.ts";
import { readFrames } from "./frames.ts";
import { readJsonLines } from "./json-lines.ts";

interface World {
  readonly client: Client;
  /** What the daemon was asked, in order, and how many connections that took. */
  readonly asked: string[];
  readonly connections: () => number;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A daemon that answers by `handler`, and a client of it. */
async function withDaemon(
  handler: Handler,
  use: (world: World) => Promise<void>,
  onUpgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "escale-client-"));
  const asked: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.setHeader("Api-Version", "1.47");
    if (request.url === "/_ping") response.end();
    else handler(request, response);
  });
  server.on("connection", () => connections++);
  if (onUpgrade !== undefined) server.on("upgrade", onUpgrade);
  const path = join(dir, "daemon.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = openClient(parseEndpoint(`unix://${path}`));
  try {
    await use({ client, asked, connections: () => connections });
  } finally {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true });
  }
}

describe("requests", () => {
  test("the version is asked for once and both speak the older one, over one connection", () =>
    withDaemon(
      (request, response) => {
        const pieces: Buffer[] = [];
        request.on("data", (piece: Buffer) => pieces.push(piece));
        request.on("end", () => response.end(JSON.stringify({ got: Buffer.concat(pieces).toString() })));
      },
      async ({ client, asked, connections }) => {
        assert.deepEqual(await client.json("GET", "/a b?"), { got: "" });
        const query = { all: true, none: false, gone: undefined, n: 0, list: ["x", "y z"] };
        assert.deepEqual(await client.json("POST", "/c", { json: { d: 1 }, query }), { got: '{"d":1}' });
        assert.deepEqual(asked, ["HEAD /_ping", "GET /v1.47/a%20b%3F", "POST /v1.47/c?all=1&list=x&list=y%20z&n=0"]);
        assert.equal(connections(), 1);
      },
    ));

  test("bodies of every framing arrive whole", () =>
    withDaemon(
      (request, response) => {
        if (request.url?.endsWith("/chunked")) {
          for (let index = 0; index < 100; index++) response.write("0123456789".repeat(index));
          response.end();
        } else if (request.url?.endsWith("/close")) {
          response.useChunkedEncodingByDefault = false;
          response.setHeader("Connection", "close");
          response.end("until the end");
        } else if (request.url?.endsWith("/none")) response.writeHead(204).end();
        else response.end("x".repeat(3 << 20));
      },
      async ({ client }) => {
        assert.equal((await client.text("GET", "/chunked")).length, 49_500);
        assert.equal((await client.text("GET", "/length")).length, 3 << 20);
        assert.equal(await client.text("GET", "/none"), "");
        assert.equal(await client.text("GET", "/close"), "until the end");
        assert.equal(await client.json("GET", "/none"), undefined);
      },
    ));

  test("the daemon's errors keep their text and kind", () =>
    withDaemon(
      (request, response) => {
        const status = Number(request.url?.split("/").pop());
        response.writeHead(status, { "Content-Type": status === 502 ? "text/plain" : "application/json" });
        response.end(status === 502 ? "gateway" : status === 501 ? "" : '{"message":"no such thing"}\n');
      },
      async ({ client }) => {
        const rejects = (status: number, kind: string, message: string | RegExp): Promise<void> =>
          assert.rejects(client.request("GET", `/${status}`), { kind, message });
        await rejects(404, "not-found", "Error response from daemon: no such thing");
        await rejects(409, "conflict", "Error response from daemon: no such thing");
        await rejects(500, "internal", "Error response from daemon: no such thing");
        await rejects(502, "internal", "Error response from daemon: gateway");
        await rejects(501, "unsupported", /^request returned 501 for API route and version \/501/);
      },
    ));

  test("an answer that comes before the upload is over ends the upload", () =>
    withDaemon(
      (_request, response) => {
        response.writeHead(400, { "Content-Type": "application/json" });
        response.end('{"message":"no archive"}');
      },
      async ({ client }) => {
        async function* endless(): AsyncGenerator<Buffer> {
          for (;;) {
            yield Buffer.alloc(1 << 16);
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
        const sending = client.request("POST", "/load", { body: endless() });
        await assert.rejects(sending, { message: "Error response from daemon: no archive" });
      },
    ));

  test("a source that fails is told at once", () =>
    withDaemon(
      (request) => void request.resume(),
      async ({ client }) => {
        async function* failing(): AsyncGenerator<Buffer> {
          yield Buffer.from("x");
          throw new Error("the file is gone");
        }
        await assert.rejects(client.request("POST", "/load", { body: failing() }), { message: "the file is gone" });
      },
    ));

  test("a request can be given up", () =>
    withDaemon(
      (_request, response) => void response.write("first"),
      async ({ client }) => {
        const controller = new AbortController();
        const response = await client.request("GET", "/events", { signal: controller.signal });
        await assert.rejects(async () => {
          for await (const piece of response.body) {
            assert.equal(piece.toString(), "first");
            controller.abort();
          }
        });
      },
    ));

  test("an idle connection that the daemon closed is replaced", () =>
    withDaemon(
      (request, response) => {
        response.end("ok");
        setImmediate(() => request.socket.destroy());
      },
      async ({ client, connections }) => {
        for (let round = 0; round < 3; round++) {
          assert.equal(await client.text("GET", "/x"), "ok");
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        assert.equal(connections(), 3);
      },
    ));

  test("a daemon that is not there", async () => {
    await assert.rejects(openClient(parseEndpoint("unix:///nosuch/socket")).text("GET", "/x"), {
      kind: "unavailable",
      message: "Cannot connect to the Escale daemon at unix:///nosuch/socket. Is the escale daemon running?",
    });
  });
});

test("an upgraded connection loses nothing and can be ended on one side", () =>
  withDaemon(
    () => assert.fail("no plain request is due"),
    async ({ client }) => {
      const connection = await client.upgrade("/attach");
      connection.socket.write("hello");
      connection.socket.end();
      const pieces: Buffer[] = [];
      for (let piece = await connection.reader.read(); piece !== null; piece = await connection.reader.read()) {
        pieces.push(piece);
      }
      assert.equal(Buffer.concat(pieces).toString(), "early got hello and then the end");
    },
    (request, socket) => {
      if (request.url === "/_ping") return;
      socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nearly ");
      let got = "";
      socket.on("data", (piece) => {
        got += piece.toString();
      });
      socket.on("end", () => socket.end(`got ${got} and then the end`));
    },
  ));

async function* split(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

function frame(kind: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = kind;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

test("frames are told apart however they are cut", async () => {
  const stream = Buffer.concat([frame(1, "out "), frame(1, "more "), frame(2, "err"), frame(1, ""), frame(1, "end")]);
  for (const size of [1, 3, 8, 1000]) {
    const seen = { stdout: "", stderr: "" };
    let count = 0;
    for await (const { stream: name, data } of readFrames(split(stream, size))) {
      seen[name] += data.toString();
      count++;
    }
    assert.deepEqual(seen, { stdout: "out more end", stderr: "err" });
    if (size === 1000) assert.equal(count, 3);
  }
});

test("the daemon's own errors in a stream of frames are thrown", async () => {
  const reading = async (stream: Buffer): Promise<void> => {
    for await (const _ of readFrames(split(stream, 5)));
  };
  await assert.rejects(reading(frame(3, "log is gone")), { message: "error from daemon in stream: log is gone" });
  await assert.rejects(reading(frame(9, "x")), { message: "Unrecognized input header: 9" });
});

test("lines of JSON are told apart however they are cut", async () => {
  const stream = Buffer.from('{"a":1}\r\n\n{"b":"\u00e9"}\n{"c":3}');
  for (const size of [1, 4, 100]) {
    const seen: string[] = [];
    for await (const line of readJsonLines(split(stream, size))) seen.push(line);
    assert.deepEqual(seen, ['{"a":1}', '{"b":"\u00e9"}', '{"c":3}']);
  }
});
