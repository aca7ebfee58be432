/** Requests that are wrong: the status and the text of Docker, and a daemon that goes on. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, test } from "node:test";
import { openEngine } from "../kit/engine.ts";
import { engineApi } from "../kit/http.ts";

const engine = await openEngine();
after(() => engine[Symbol.asyncDispose]());
const { docker, host } = engine;

const json = { "content-type": "application/json" };

/** Status and message of one request. */
async function refused(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<[number, string]> {
  const answer = await engineApi(host, method, path, body, headers);
  const { message } = answer.json();
  assert.match(String(answer.headers["content-type"]), /^application\/json/);
  return [answer.status, message];
}

test("malformed JSON", async () => {
  const [status, message] = await refused("POST", "/v1.51/containers/create", '{"Image":', json);
  assert.equal(status, 400);
  assert.match(message, /^invalid JSON: /);
  const [wrongType] = await refused("POST", "/v1.51/containers/create", '{"Image": 5}', json);
  assert.equal(wrongType, 400);
});

test("an empty body, another content type and no configuration", async () => {
  assert.deepEqual(await refused("POST", "/v1.51/containers/create", "", json), [
    400,
    "invalid JSON: got EOF while reading request body",
  ]);
  assert.equal(
    (await refused("POST", "/v1.51/containers/create", "Image=bb", { "content-type": "text/plain" }))[0],
    400,
  );
  assert.deepEqual(await refused("POST", "/v1.51/containers/create", {}), [
    400,
    "config cannot be empty in order to create a container",
  ]);
});

test("bad names", async () => {
  for (const name of ["-x", "a", "a b", "ä", "a/b"]) {
    const [status, message] = await refused("POST", `/v1.51/containers/create?name=${encodeURIComponent(name)}`, {
      Image: "bb",
      Cmd: ["true"],
    });
    assert.deepEqual(
      [status, message],
      [400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`],
    );
  }
});

test("a name that is taken", async () => {
  const name = engine.name();
  const id = await docker.ok("create", "--name", name, "bb", "true");
  const message = `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`;
  assert.deepEqual(await refused("POST", `/v1.51/containers/create?name=${name}`, { Image: "bb", Cmd: ["true"] }), [
    409,
    message,
  ]);
});

test("things that do not exist", async () => {
  for (const [method, path] of [
    ["GET", "json"],
    ["POST", "start"],
    ["POST", "stop"],
    ["POST", "wait"],
    ["GET", "logs?stdout=1"],
    ["GET", "top"],
    ["POST", "pause"],
    ["POST", "resize?h=1&w=1"],
    ["POST", "rename?name=other"],
  ] as const) {
    assert.deepEqual(
      await refused(method, `/v1.51/containers/nosuch/${path}`),
      [404, "No such container: nosuch"],
      path,
    );
  }
  assert.deepEqual(await refused("POST", "/v1.51/containers/nosuch/kill"), [
    404,
    "cannot kill container: nosuch: No such container: nosuch",
  ]);
  assert.deepEqual(await refused("DELETE", "/v1.51/containers/nosuch"), [404, "No such container: nosuch"]);
  assert.deepEqual(await refused("GET", "/v1.51/nosuch"), [404, "page not found"]);
});

test("versions of the API", async () => {
  assert.deepEqual(await refused("GET", "/v1.99/version"), [
    400,
    "client version 1.99 is too new. Maximum supported API version is 1.51",
  ]);
  const old = await engineApi(host, "GET", "/v1.12/version");
  assert.equal(old.status, 400);
  assert.match(
    old.body.toString(),
    /client version 1\.12 is too old\. Minimum supported API version is 1\.24, please upgrade/,
  );
  const ping = await engineApi(host, "GET", "/_ping");
  assert.deepEqual(
    [ping.status, ping.body.toString(), ping.headers["api-version"], ping.headers.ostype],
    [200, "OK", "1.51", "linux"],
  );
  assert.equal((await engineApi(host, "HEAD", "/_ping")).headers["api-version"], "1.51");
});

test("filters and numbers that are none", async () => {
  assert.equal((await refused("GET", "/v1.51/containers/json?filters=nonsense"))[0], 400);
  assert.deepEqual(await refused("GET", `/v1.51/containers/json?filters=${encodeURIComponent('{"nosuch":["x"]}')}`), [
    400,
    "invalid filter 'nosuch'",
  ]);
  // Docker answers 500 to a number that is none, which says less than it should.
  const [limit, text] = await refused("GET", "/v1.51/containers/json?limit=many");
  assert.ok(limit === 400 || limit === 500);
  assert.match(text, /many/);
  const name = engine.name();
  await docker.ok("create", "--name", name, "bb", "true");
  assert.match((await refused("POST", `/v1.51/containers/${name}/stop?t=soon`))[1], /soon/);
  assert.equal((await refused("POST", `/v1.51/containers/${name}/wait?condition=never`))[0], 400);
});

test("what is not HTTP", async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(host.replace("unix://", ""));
    let said = "";
    socket.on("data", (data) => {
      said += data.toString();
    });
    socket.once("close", () => resolve(said));
    socket.once("error", reject);
    socket.write("HELLO\r\n\r\n");
  });
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.equal((await engineApi(host, "GET", "/_ping")).status, 200);
});

test("a thousand clients that go away in the middle", async () => {
  const path = host.replace("unix://", "");
  for (let round = 0; round < 10; round++) {
    const sockets = Array.from({ length: 100 }, () => connect(path));
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.write(
        "POST /v1.51/containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const socket of sockets) socket.destroy();
  }
  assert.equal((await docker.run(["ps"])).code, 0);
});

test("a swarm is not there, and says so", async () => {
  const [status, message] = await refused("GET", "/v1.51/nodes");
  assert.equal(status, 503);
  assert.match(message, /^This node is not a swarm manager\./);
});
