import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobs } from "../../src/storage/blobs/index.ts";
import { blobsContract } from "./blobs.ts";

blobsContract("files", async () => {
  const folder = await mkdtemp(join(tmpdir(), "escale-blobs-"));
  return {
    blobs: await openBlobs(folder),
    leftovers: async () => [
      ...(await readdir(join(folder, "tmp"))),
      ...(await readdir(folder)).filter((name) => name !== "tmp" && name !== "sha256"),
    ],
    dispose: () => rm(folder, { recursive: true }),
  };
});
