/** What every implementation of `storage/records` must do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type RecordChange, type Records, recordKind } from "../../src/storage/records/index.ts";

interface Thing {
  name: string;
  count?: number;
}

const thing = recordKind<Thing>("thing");
const other = recordKind<{ x: number }>("other");

/** Runs the suite over the store that `open` gives; `reopen` closes it and opens the same data again. */
export function recordsContract(
  name: string,
  open: () => Promise<{ records: Records; reopen: () => Promise<Records>; dispose: () => Promise<void> }>,
): void {
  const check = (
    what: string,
    body: (records: Records, reopen: () => Promise<Records>) => Promise<void> | void,
  ): void => {
    test(`${name}: ${what}`, async () => {
      const { records, reopen, dispose } = await open();
      try {
        await body(records, reopen);
      } finally {
        await dispose();
      }
    });
  };

  check("what is put is got and listed by id, per kind, also after reopening", async (records, reopen) => {
    records.update((tx) => {
      tx.put(thing, "b", { name: "B" });
      tx.put(thing, "a", { name: "Ä\u0000", count: 1 });
      tx.put(other, "a", { x: 1 });
    });
    const again = await reopen();
    assert.deepEqual(
      again.view((tx) => tx.list(thing)).map(({ id, value }) => [id, value]),
      [
        ["a", { name: "Ä\u0000", count: 1 }],
        ["b", { name: "B" }],
      ],
    );
    assert.deepEqual(
      again.view((tx) => tx.get(other, "a")?.value),
      { x: 1 },
    );
    assert.equal(
      again.view((tx) => tx.get(other, "b")),
      undefined,
    );
  });

  check("a transaction reads its own writes, and a failed one leaves nothing", (records) => {
    assert.throws(
      () =>
        records.update((tx) => {
          tx.put(thing, "a", { name: "A" });
          assert.equal(tx.get(thing, "a")?.value.name, "A");
          throw new Error("changed my mind");
        }),
      { message: "changed my mind" },
    );
    assert.deepEqual(
      records.view((tx) => tx.list(thing)),
      [],
    );
    records.update((tx) => tx.put(thing, "a", { name: "A" }));
    assert.equal(
      records.update((tx) => tx.delete(thing, "a")),
      true,
    );
    assert.equal(
      records.update((tx) => tx.delete(thing, "a")),
      false,
    );
  });

  check("versions grow with each transaction and are never used again", async (records, reopen) => {
    const version = (from: Records): number => from.view((tx) => tx.get(thing, "a")?.version ?? 0);
    records.update((tx) => tx.put(thing, "a", { name: "1" }));
    const first = version(records);
    records.update((tx) => tx.put(thing, "a", { name: "2" }));
    const second = version(records);
    assert.ok(second > first && first > 0);
    records.update((tx) => tx.delete(thing, "a"));
    const again = await reopen();
    again.update((tx) => tx.put(thing, "a", { name: "3" }));
    assert.ok(version(again) > second);
  });

  check("a write on an old version is refused", (records) => {
    records.update((tx) => tx.put(thing, "a", { name: "1" }, { version: 0 }));
    const { version } = records.view((tx) => tx.get(thing, "a"))!;
    records.update((tx) => tx.put(thing, "a", { name: "2" }, { version }));
    for (const old of [version, 0]) {
      assert.throws(() => records.update((tx) => tx.put(thing, "a", { name: "3" }, { version: old })), {
        kind: "conflict",
        message: "update out of sequence",
      });
    }
    assert.equal(
      records.view((tx) => tx.get(thing, "a")?.value.name),
      "2",
    );
  });

  check("watchers are told of committed changes of their kind, in order, until they leave", (records) => {
    const seen: RecordChange<Thing>[] = [];
    const leave = records.watch(thing, (change) => seen.push(change));
    records.watch(thing, () => {
      throw new Error("a bad listener");
    });
    records.update((tx) => {
      tx.put(thing, "a", { name: "A" });
      tx.put(other, "a", { x: 1 });
      tx.put(thing, "b", { name: "B" });
      assert.equal(seen.length, 0);
    });
    assert.throws(() =>
      records.update((tx) => {
        tx.put(thing, "c", { name: "C" });
        throw new Error("no");
      }),
    );
    records.update((tx) => tx.delete(thing, "a"));
    leave();
    records.update((tx) => tx.put(thing, "d", { name: "D" }));
    assert.deepEqual(
      seen.map(({ id, value }) => [id, value?.name]),
      [
        ["a", "A"],
        ["b", "B"],
        ["a", undefined],
      ],
    );
    assert.ok(seen[2]!.version > seen[1]!.version);
  });

  check("a listener may write", (records) => {
    records.watch(thing, ({ value }) => {
      if (value !== undefined) records.update((tx) => tx.put(other, value.name, { x: 1 }));
    });
    records.update((tx) => {
      tx.put(thing, "a", { name: "A" });
      tx.put(thing, "b", { name: "B" });
    });
    assert.equal(records.view((tx) => tx.list(other)).length, 2);
  });

  check("transactions do not nest and do not wait", (records) => {
    assert.throws(() => records.view(() => records.view(() => 1)), { message: "a transaction inside a transaction" });
    assert.throws(
      () =>
        records.update((tx) => {
          tx.put(thing, "a", { name: "A" });
          return Promise.resolve();
        }),
      /synchronous/,
    );
    assert.equal(
      records.view((tx) => tx.get(thing, "a")),
      undefined,
    );
  });
}
