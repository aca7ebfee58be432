import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, openDoor, rawClient } from "./fixture.ts";

const json = "Content-Type: application/json\r\n";

test("a ping has the headers that clients negotiate by", async () => {
  await using door = await openDoor();
  const get = await ask(door.path, "GET", "/_ping");
  assert.equal(get.status, 200);
  assert.equal(get.body, "OK");
  const { Date: date, ...headers } = get.headers;
  assert.match(date ?? "", /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/);
  assert.deepEqual(headers, {
    "Api-Version": "1.51",
    "Cache-Control": "no-cache, no-store, must-revalidate",
    "Content-Type": "text/plain; charset=utf-8",
    "Docker-Experimental": "false",
    Ostype: "linux",
    Pragma: "no-cache",
    Server: "Docker/28.5.2 (linux)",
    Swarm: "inactive",
    "Content-Length": "2",
    Connection: "close",
  });
  const head = await ask(door.path, "HEAD", "/_ping");
  assert.deepEqual([head.status, head.body, head.headers["Content-Length"]], [200, "", "0"]);
});

test("versions are negotiated as by Docker", async () => {
  await using door = await openDoor();
  const tooNew = await ask(door.path, "GET", "/v1.52/_ping");
  assert.equal(tooNew.status, 400);
  assert.equal(tooNew.body, '{"message":"client version 1.52 is too new. Maximum supported API version is 1.51"}\n');
  for (const version of ["1.23", "1", "1.1.1"]) {
    const tooOld = await ask(door.path, "GET", `/v${version}/version`);
    const advice = "Minimum supported API version is 1.24, please upgrade your client to a newer version";
    assert.equal(tooOld.body, `client version ${version} is too old. ${advice}\n`);
    assert.deepEqual([tooOld.status, tooOld.headers["Content-Type"]], [400, "text/plain; charset=utf-8"]);
  }
  for (const version of ["1.24", "1.40", "1.51"]) {
    assert.equal((await ask(door.path, "GET", `/v${version}/_ping`)).body, "OK");
  }
});

test("paths and methods that lead nowhere", async () => {
  await using door = await openDoor();
  const nowhere = [
    ...["GET /nope", "GET /", "GET /v1.51", "GET /v1.51/", "GET /vabc/version", "GET /V1.51/version", "GET /version/"],
    ...["POST /version", "PUT /version", "DELETE /_ping", "PATCH /containers/json", "GET /containers/create"],
    ...["GET /v1.51/v1.50/version", "HEAD /version", "GET /v1.99/nope"],
  ];
  for (const line of nowhere) {
    const [method = "", target = ""] = line.split(" ");
    const answer = await ask(door.path, method, target);
    assert.equal(answer.status, 404, line);
    assert.equal(answer.body, method === "HEAD" ? "" : '{"message":"page not found"}\n', line);
    assert.equal(answer.headers["Api-Version"], undefined);
  }
  const moved = await ask(door.path, "GET", "//containers/../version?a=1");
  assert.deepEqual([moved.status, moved.headers.Location], [301, "/version?a=1"]);
  assert.equal((await ask(door.path, "GET", "/containers/..%2fversion/json")).headers.Location, "/version/json");
  assert.equal((await ask(door.path, "OPTIONS", "/anything")).status, 200);
  const broken = await ask(door.path, "GET", "/containers/%zz/json");
  assert.deepEqual([broken.status, broken.body], [400, "400 Bad Request"]);
  assert.equal((await ask(door.path, "GET", "/containers/a%2Fb/json")).body, '{"message":"No such container: a/b"}\n');
  assert.equal((await ask(door.path, "GET", "/containers/a/b/json")).body, '{"message":"No such container: a/b"}\n');
});

test("documents are printed as Docker prints them", async () => {
  await using door = await openDoor();
  const answer = await ask(door.path, "GET", "/containers/c1/json");
  assert.match(answer.body, /^\{"Id":"c1","Name":"\/<a&b>\\u2028",.*\}\n$/);
  assert.equal(answer.headers["Content-Type"], "application/json");
});

test("a container that cannot be killed is told as by Docker", async () => {
  await using door = await openDoor();
  const running = await ask(door.path, "POST", "/containers/c1/kill");
  const expected = '{"message":"cannot kill container: c1: container c1 is not running"}\n';
  assert.deepEqual([running.status, running.body], [409, expected]);
  const unknown = await ask(door.path, "POST", "/containers/no/kill?signal=9");
  assert.equal(unknown.body, '{"message":"cannot kill container: no: No such container: no"}\n');
});

test("a bug is a 500 whose words are in the log and not in the answer", async () => {
  await using door = await openDoor();
  const answer = await ask(door.path, "GET", "/containers/bug/json");
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body, /secret/);
  const line = door.logLines.find((text) => text.includes('"error"') && text.includes("secret detail"));
  assert.match(line ?? "", /"stack":"TypeError: secret detail of a bug\\n +at /);
});

test("queries that Docker refuses", async () => {
  await using door = await openDoor();
  const filters = (text: string): string => `/containers/json?filters=${encodeURIComponent(text)}`;
  const cases: [string, number, string][] = [
    ["/containers/json?filters=%zz", 400, 'invalid URL escape "%zz"'],
    [filters("abc"), 400, "invalid filter"],
    [filters("[]"), 400, "invalid filter"],
    [filters('{"status":"x"}'), 400, "invalid filter"],
    [filters('{"foo":["a"]}'), 400, "invalid filter 'foo'"],
    [filters('{"foo":{"a":true}}'), 400, "invalid filter 'foo'"],
    ["/containers/json?limit=abc", 500, 'strconv.Atoi: parsing "abc": invalid syntax'],
    ["/containers/c1/logs", 400, "Bad parameters: you must choose at least one stream"],
    ["/containers/c1/logs?stdout=1&since=abc", 500, 'strconv.ParseInt: parsing "abc": invalid syntax'],
    ["/networks/bridge?verbose=x", 400, 'invalid value for verbose: x: strconv.ParseBool: parsing "x": invalid syntax'],
    ["/networks/bridge?scope=swarm", 404, "network bridge not found"],
    ["/events?since=10&until=5", 400, "`since` time (10) cannot be after `until` time (5)"],
    [`/networks?filters=${encodeURIComponent('{"type":["a"]}')}`, 400, "invalid filter: 'type'='a'"],
  ];
  for (const [target, status, message] of cases) {
    const answer = await ask(door.path, "GET", target);
    assert.deepEqual([answer.status, JSON.parse(answer.body)], [status, { message }], target);
  }
  for (const accepted of ["null", "{}", '{"status":null}', '{"status":{"running":false}}', '{"label":["a=b"]}']) {
    assert.equal((await ask(door.path, "GET", filters(accepted))).status, 200, accepted);
  }
  const sizes: [string, string][] = [
    ["", 'invalid resize height "": invalid syntax'],
    ["?h=1&w=-2", 'invalid resize width "-2": value out of range'],
    ["?h=1&w=99999999999", 'invalid resize width "99999999999": value out of range'],
  ];
  for (const [query, message] of sizes) {
    const answer = await ask(door.path, "POST", `/containers/c1/resize${query}`);
    assert.deepEqual([answer.status, JSON.parse(answer.body)], [400, { message }]);
  }
});

test("bodies that Docker refuses", async () => {
  await using door = await openDoor();
  const create = async (body: string, headers: Record<string, string> = {}): Promise<string> => {
    const answer = await ask(door.path, "POST", "/containers/create", { body, headers });
    return `${answer.status} ${(JSON.parse(answer.body) as { message?: string }).message ?? "ok"}`;
  };
  const empty = "400 config cannot be empty in order to create a container";
  assert.equal(await create(""), "400 invalid JSON: got EOF while reading request body");
  assert.equal(await create("{}"), empty);
  assert.equal(await create("null"), empty);
  assert.equal(await create('{"HostConfig":{},"Foo":1}'), empty);
  assert.equal(await create("{}x"), "400 unexpected content after JSON");
  assert.equal(await create('{"Image":"a"}}'), "201 ok");
  const prefix = "400 malformed Content-Type header";
  assert.equal(await create("{}", { "Content-Type": ";;" }), `${prefix} (;;): mime: no media type`);
  assert.equal(
    await create("{}", { "Content-Type": "text/plain" }),
    "400 unsupported Content-Type header (text/plain): must be 'application/json'",
  );
  assert.equal(await create('{"Image":"a"}', { "Content-Type": "Application/JSON; charset=utf-8" }), "201 ok");
  const start = await ask(door.path, "POST", "/containers/c1/start", { body: '{"Memory":1}' });
  assert.match(start.body, /starting container with non-empty request body was deprecated/);
  assert.equal((await ask(door.path, "POST", "/containers/c1/start", { body: "{}" })).status, 204);
});

test("fields are taken in any case, nulls and unknown fields are dropped", async () => {
  await using door = await openDoor();
  const body =
    '{"image":"a","CMD":"ls","Foo":1,"Env":null,"hostconfig":{"capadd":["X"],"ConsoleSize":[5]},"Labels":{"__proto__":"p"}}';
  assert.equal((await ask(door.path, "POST", "/containers/create", { body })).status, 201);
  assert.deepEqual(door.engine.created, [
    {
      Image: "a",
      Cmd: ["ls"],
      HostConfig: { CapAdd: ["X"], ConsoleSize: [5, 0] },
      Labels: JSON.parse('{"__proto__":"p"}'),
    },
  ]);
});

test("bodies come whole, in chunks, slowly, and not at all", async () => {
  await using door = await openDoor();
  const chunked = `POST /containers/create HTTP/1.1\r\nHost: d\r\n${json}Transfer-Encoding: chunked\r\n\r\n`;
  const slow = rawClient(door.path, `${chunked}5\r\n{"Ima\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 30));
  slow.socket.write('9\r\nge":"abc"\r\n1\r\n}\r\n0\r\n\r\n');
  await slow.until("201 Created");
  slow.socket.destroy();
  assert.deepEqual(door.engine.created, [{ Image: "abc" }]);

  const broken = rawClient(door.path, `${chunked}zz\r\n`);
  assert.match(await broken.untilEnd(), /^HTTP\/1\.1 400 Bad Request/);
  const short = rawClient(
    door.path,
    `POST /containers/create HTTP/1.1\r\nHost: d\r\n${json}Content-Length: 50\r\n\r\n{"Im`,
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  short.socket.destroy();
  const announced = rawClient(
    door.path,
    `POST /containers/create HTTP/1.1\r\nHost: d\r\n${json}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}`,
  );
  assert.match(await announced.until("config cannot be empty"), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400 /);
  announced.socket.destroy();
  const large = `{"Image":"${"x".repeat(9 * 1024 * 1024)}"}`;
  const refused = await ask(door.path, "POST", "/containers/create", { body: large });
  assert.deepEqual([refused.status, refused.body], [400, '{"message":"http: request body too large"}\n']);
  assert.equal((await ask(door.path, "GET", "/_ping")).body, "OK");
});

test("pipelined requests are answered one by one in their order", async () => {
  await using door = await openDoor();
  const body = '{"Image":"first"}';
  const create = `POST /containers/create HTTP/1.1\r\nHost: d\r\n${json}Content-Length: ${body.length}\r\n\r\n${body}`;
  const client = rawClient(
    door.path,
    `${create}GET /containers/c1/json HTTP/1.1\r\nHost: d\r\n\r\nHEAD /_ping HTTP/1.1\r\nHost: d\r\n\r\nGET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n`,
  );
  const text = await client.untilEnd();
  assert.match(text, /^HTTP\/1\.1 201 .+"Id":"c1".+Content-Length: 0\r\n\r\nHTTP\/1\.1 200 OK.+\r\n\r\nOK$/s);
  client.socket.destroy();
});

test("a client that ends its side still gets its answer", async () => {
  await using door = await openDoor();
  const client = rawClient(door.path);
  client.socket.end("GET /info HTTP/1.1\r\nHost: d\r\n\r\n");
  assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK.+"ContainersRunning":1,"ContainersPaused":1/s);
});

test("what is not HTTP is refused and the door stays open", async () => {
  await using door = await openDoor();
  const refusals: [string, RegExp][] = [
    ["GARBAGE\r\n\r\n", /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/plain.+400 Bad Request$/s],
    ["GET /_ping HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 Bad Request: missing required Host header/],
    [`GET /_ping HTTP/1.1\r\nHost: d\r\nX: ${"a".repeat(1_100_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ["GET /_ping HTTP/3.7\r\nHost: d\r\n\r\n", /^HTTP\/1\.1 505 HTTP Version Not Supported/],
  ];
  for (const [request, expected] of refusals) {
    const client = rawClient(door.path, request);
    assert.match(await client.untilEnd(), expected);
    client.socket.destroy();
  }
  const large = await ask(door.path, "GET", "/_ping", { headers: { X: "a".repeat(200_000) } });
  assert.equal(large.body, "OK");
  const old = rawClient(door.path, "GET /_ping HTTP/1.0\r\n\r\n");
  assert.match(await old.untilEnd(), /200 OK.+\r\n\r\nOK$/s);
});
