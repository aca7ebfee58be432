import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveUser } from "./user.ts";

const files = {
  passwd: `root:x:0:0:root:/root:/bin/sh
# a comment

alice:x:1000:1001:A:/home/alice:/bin/sh
toor:x:0:5:second name:/toor:/bin/sh
homeless:x:7:7:::
broken
+::::::
123:x:124:124::/numbers:
`,
  group: "root:x:0:\nalice:x:1001:\nwheel:x:10:root,alice\naudio:x:29:alice\nextra:x:77:\n",
};

/** Recorded of dockerd 28.5.2 where it knows the entry. */
const table: readonly { spec: string; add?: string[]; ids: [number, number]; more: number[]; home: string }[] = [
  { spec: "", ids: [0, 0], more: [0, 10], home: "/root" },
  { spec: ":", ids: [0, 0], more: [0, 10], home: "/root" },
  { spec: "root:5", ids: [0, 5], more: [5], home: "/root" },
  { spec: "alice", ids: [1000, 1001], more: [1001, 10, 29], home: "/home/alice" },
  { spec: "1000", add: ["extra"], ids: [1000, 1001], more: [1001, 10, 29, 77], home: "/home/alice" },
  { spec: "alice:wheel", add: ["audio", "555"], ids: [1000, 10], more: [10, 29, 555], home: "/home/alice" },
  { spec: "1234", ids: [1234, 0], more: [0], home: "/" },
  { spec: "1234:4321", ids: [1234, 4321], more: [4321], home: "/" },
  { spec: ":extra", ids: [0, 77], more: [77], home: "/root" },
  { spec: "toor", ids: [0, 5], more: [5], home: "/root" },
  { spec: "homeless", ids: [7, 7], more: [7], home: "/" },
  { spec: "123", ids: [123, 0], more: [0], home: "/" },
];

for (const { spec, add = [], ids, more, home } of table) {
  test(`user ${JSON.stringify(spec)}${add.length > 0 ? ` and groups ${add}` : ""}`, () => {
    const [uid, gid] = ids;
    assert.deepEqual(resolveUser(spec, add, files), { uid, gid, additionalGids: more, home });
  });
}

test("without files, root is known and names are not", () => {
  const none = { passwd: "", group: "" };
  assert.deepEqual(resolveUser("", [], none), { uid: 0, gid: 0, additionalGids: [0], home: "/" });
  assert.throws(() => resolveUser("root", [], none), /unable to find user root/);
});

const refused = [
  { spec: "bob", text: "unable to find user bob: no matching entries in passwd file" },
  { spec: "alice:nog", text: "unable to find group nog: no matching entries in group file" },
  { spec: "", add: ["nog"], text: "unable to find group nog: no matching entries in group file" },
  { spec: "-1", text: "uids and gids must be in range 0-2147483647" },
  { spec: "99999999999", text: "uids and gids must be in range 0-2147483647" },
  { spec: "0:2147483648", text: "uids and gids must be in range 0-2147483647" },
];

for (const { spec, add = [], text } of refused) {
  test(`refused: user ${JSON.stringify(spec)} ${add}`, () => {
    assert.throws(() => resolveUser(spec, add, files), { kind: "internal", message: text });
  });
}
