import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type Router } from "./router.ts";

function aRouter(...templates: readonly string[]): Router<string> {
  const router = createRouter<string>();
  for (const template of templates) router.add("GET", template, template);
  return router;
}

test("a variable segment is decoded and never longer than its segment", () => {
  const router = aRouter("/networks/{id}", "/networks/{id}/x");
  assert.deepEqual({ ...router.find("GET", "/networks/a%2Fb%20c")?.params }, { id: "a/b c" });
  assert.equal(router.find("GET", "/networks/a/b"), undefined);
  assert.equal(router.find("POST", "/networks/a"), undefined);
  assert.equal(router.find("GET", "/networks/%zz"), undefined);
});

test("a name with slashes is found before its suffix, and fixed paths come first", () => {
  const router = aRouter("/images/{name:.*}/json", "/images/{name:.*}/history", "/images/json", "/images/{name:.*}");
  const find = (path: string): unknown => {
    const route = router.find("GET", path);
    return route && [route.value, { ...route.params }];
  };
  assert.deepEqual(find("/images/json"), ["/images/json", {}]);
  assert.deepEqual(find("/images/a.example:5000/b/c:1/json"), [
    "/images/{name:.*}/json",
    { name: "a.example:5000/b/c:1" },
  ]);
  assert.deepEqual(find("/images/json/history"), ["/images/{name:.*}/history", { name: "json" }]);
  assert.deepEqual(find("/images/a%2Fb%25/json"), ["/images/{name:.*}/json", { name: "a/b%" }]);
  assert.deepEqual(find("/images/a/b"), ["/images/{name:.*}", { name: "a/b" }]);
  assert.equal(find("/images"), undefined);
});

test("a name may be thousands of characters long", () => {
  const router = aRouter("/images/{name:.*}/json", "/exec/{id}");
  const long = "x".repeat(20_000);
  assert.equal(router.find("GET", `/images/${long}/json`)?.params.name, long);
  assert.equal(router.find("GET", `/exec/${long}`)?.params.id, long);
});
