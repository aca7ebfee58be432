/** What every implementation of `storage/blobs` must do. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { digestOf } from "../../src/base/digests.ts";
import type { Blobs } from "../../src/storage/blobs/index.ts";

async function names(blobs: Blobs): Promise<string[]> {
  const digests: string[] = [];
  for await (const info of blobs.list()) digests.push(info.digest);
  return digests.sort();
}

/** Runs the suite; `leftovers` lists what lies in the store beside its blobs. */
export function blobsContract(
  name: string,
  open: () => Promise<{ blobs: Blobs; leftovers: () => Promise<string[]>; dispose: () => Promise<void> }>,
): void {
  const check = (what: string, body: (blobs: Blobs) => Promise<void>): void => {
    test(`${name}: ${what}`, async () => {
      const { blobs, leftovers, dispose } = await open();
      try {
        await body(blobs);
        assert.deepEqual(await leftovers(), []);
      } finally {
        await dispose();
      }
    });
  };
  const read = async (blobs: Blobs, digest: string, range?: { offset?: number; length?: number }): Promise<Buffer> =>
    Buffer.concat(await (await blobs.open(digest, range)).toArray());

  check("content comes back whole and in ranges", async (blobs) => {
    const data = randomBytes(3_000_001);
    const pieces = Array.from({ length: 40 }, (_, i) => data.subarray(i * 75_001, (i + 1) * 75_001));
    const info = await blobs.put(pieces, { digest: digestOf(data), size: data.length });
    assert.deepEqual(info, { digest: digestOf(data), size: data.length });
    assert.ok(blobs.has(info.digest));
    assert.equal(await blobs.size(info.digest), data.length);
    assert.deepEqual(await read(blobs, info.digest), data);
    assert.deepEqual(await read(blobs, info.digest, { offset: 7, length: 10 }), data.subarray(7, 17));
    assert.deepEqual(await read(blobs, info.digest, { offset: 3_000_000 }), data.subarray(3_000_000));
    assert.equal((await read(blobs, info.digest, { offset: 5, length: 0 })).length, 0);
    await blobs.put([data]);
    assert.deepEqual(await names(blobs), [info.digest]);
  });

  check("the empty blob is a blob", async (blobs) => {
    const { digest } = await blobs.put([]);
    assert.equal(digest, digestOf(""));
    assert.equal((await read(blobs, digest)).length, 0);
  });

  check("wrong digest or size: nothing is there", async (blobs) => {
    const wrong = digestOf("something else");
    await assert.rejects(blobs.put([Buffer.from("a")], { digest: wrong }), { kind: "invalid" });
    await assert.rejects(blobs.put([Buffer.from("a")], { size: 2 }), {
      kind: "invalid",
      message: "invalid size: expected 2, got 1",
    });
    assert.deepEqual(await names(blobs), []);
  });

  check("a source that fails leaves nothing", async (blobs) => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield randomBytes(2_000_000);
      throw new Error("gone");
    }
    await assert.rejects(blobs.put(broken()), { message: "gone" });
    assert.deepEqual(await names(blobs), []);
  });

  check("absent blobs: told on opening, no error on deleting", async (blobs) => {
    const absent = digestOf("absent");
    assert.equal(blobs.has(absent), false);
    await assert.rejects(blobs.open(absent), { kind: "not-found" });
    await assert.rejects(blobs.size(absent), { kind: "not-found" });
    await blobs.delete(absent);
    for (const bad of ["sha256:../../etc/passwd", "md5:abc", ""]) {
      assert.throws(() => blobs.has(bad), { kind: "invalid" });
    }
    const { digest } = await blobs.put([Buffer.from("x")]);
    await blobs.delete(digest);
    assert.equal(blobs.has(digest), false);
  });

  check("two writers of the same content end well", async (blobs) => {
    const data = randomBytes(1_500_000);
    const both = await Promise.all([blobs.put([data]), blobs.put([data])]);
    assert.deepEqual(both[0], both[1]);
    assert.deepEqual(await read(blobs, both[0].digest), data);
  });

  check("sweep takes what a killed writer left", async (blobs) => {
    const writer = await blobs.writer();
    await writer.write(randomBytes(2_000_000));
    await blobs.sweep();
    await writer.abort();
    assert.deepEqual(await names(blobs), []);
  });
}
