/** `image bootstrap`: a base image from the machine's own packages. Escale's own; Docker has nothing like it. */
import { bootstrapImage } from "../../client/index.ts";
import { type AnyCommand, defineCommand } from "../command.ts";
import { showProgress } from "../terminal/progress.ts";

/** `image bootstrap`. */
export const command: AnyCommand = defineCommand({
  usage: "NAME",
  flags: {},
  args: { min: 1, max: 1 },
  examples: ["image bootstrap busybox", "image bootstrap debian:12"],
  run: async (cli, { args }) => {
    const response = await bootstrapImage(await cli.client(), args[0] ?? "");
    await showProgress(response.body, cli.streams.out);
    return 0;
  },
});
