/** `container create`. */
import { open, rm, stat } from "node:fs/promises";
import { invalid, isKind, messageOf } from "../../base/errors.ts";
import {
  createContainer as createOnDaemon,
  imageReferenceText,
  parseImageReference,
  pullImage,
  withDefaultTag,
} from "../../client/index.ts";
import { type AnyCommand, type Cli, CommandFailure, defineCommand, program } from "../command.ts";
import { stringFlag } from "../flags/flag.ts";
import { platformText } from "../image/platform.ts";
import { showProgress } from "../terminal/progress.ts";
import { type CreateValues, createFlags } from "./spec/create-flags.ts";
import { type CreateRequest, createRequest } from "./spec/create-request.ts";

/** Ends `run` and `create` with what went wrong before anything ran, and the way to the help page. */
export function withAdvice(verb: "run" | "create", error: unknown, exitCode = 125): CommandFailure {
  const text = `${program}: ${messageOf(error)}\n\nRun '${program} ${verb} --help' for more information`;
  return new CommandFailure(exitCode, text);
}

/** Builds the request of `run` and `create`; what is wrong with the flags ends the command with 125. */
export async function requestOrFail(
  verb: "run" | "create",
  cli: Cli,
  flags: CreateValues & { readonly pull: string },
  given: ReadonlySet<string>,
  args: readonly string[],
): Promise<CreateRequest> {
  try {
    if (!["always", "missing", "never", ""].includes(flags.pull)) {
      const allowed = 'must be one of "always", "missing" or "never"';
      throw invalid(`invalid pull option: '${flags.pull}': ${allowed}`);
    }
    const [image = "", ...command] = args;
    return await createRequest(cli, flags, given, image, command);
  } catch (error) {
    throw withAdvice(verb, error);
  }
}

/** Docker's client warns of name servers that a container will look for within itself. */
function localNameServer({ HostConfig }: CreateRequest): string[] {
  const local = HostConfig.Dns.find((address) => /127\.\d+\.\d+\.\d+|::1$/.test(address));
  return local === undefined ? [] : [`Localhost DNS (${local}) may fail in containers.`];
}

/** Keeps the id of a container in a file; the file goes again if there is no container. */
async function withIdFile(path: string, create: () => Promise<string>): Promise<string> {
  if (path === "") return create();
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw invalid(`container ID file found, make sure the other container isn't running or delete ${path}`);
  }
  const file = await open(path, "w").catch((error: unknown) => {
    throw invalid(`failed to create the container ID file: ${openProblem(path, error)}`);
  });
  let isWritten = false;
  try {
    const id = await create();
    await file.write(id);
    isWritten = true;
    return id;
  } finally {
    await file.close();
    if (!isWritten) await rm(path, { force: true });
  }
}

function openProblem(path: string, error: unknown): string {
  return messageOf(error).startsWith("ENOENT") ? `open ${path}: no such file or directory` : messageOf(error);
}

/** Creates the container, pulling its image if that is missing and may be pulled. Gives its id. */
export async function createContainer(
  cli: Cli,
  flags: CreateValues & { readonly pull: string },
  request: CreateRequest,
): Promise<string> {
  const { err, out } = cli.streams;
  return withIdFile(flags.cidfile, async () => {
    const client = await cli.client();
    const reference = parseImageReference(request.Image);
    const pull = async (): Promise<void> => {
      const { name, tag, digest } = withDefaultTag(reference ?? { name: request.Image });
      const response = await pullImage(client, { name, tag: digest ?? tag ?? "" }, flags.platform || undefined);
      const output = flags.quiet ? { ...err, isTerminal: false, size: err.size, write: () => undefined } : err;
      await showProgress(response.body, output);
    };
    if (flags.pull === "always") await pull();
    const { rows, columns } = out.size();
    request.HostConfig.ConsoleSize = [rows, columns];
    const platform = flags.platform === "" ? undefined : platformText(flags.platform);
    const create = () => createOnDaemon(client, request, { name: flags.name, platform });
    const created = await create().catch(async (error: unknown) => {
      const mayPull = flags.pull === "missing" || flags.pull === "";
      if (!isKind(error, "not-found") || reference === undefined || !mayPull) throw error;
      const shown = imageReferenceText(withDefaultTag(reference));
      if (!flags.quiet) err.write(`Unable to find image '${shown}' locally\n`);
      await pull();
      return create();
    });
    for (const warning of [...(created.Warnings ?? []), ...localNameServer(request)])
      err.write(`WARNING: ${warning}\n`);
    return created.Id;
  });
}

/** `container create`. */
export const command: AnyCommand = defineCommand({
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  aliases: ["container create", "create"],
  flags: {
    ...createFlags,
    pull: stringFlag('Pull image before creating ("always", "|missing", "never")', { initial: "missing" }),
  },
  args: { min: 1 },
  isInterspersed: false,
  examples: ["create --name web -p 8080:80 nginx", "create -it --name shell busybox"],
  run: async (cli, { flags, given, args }) => {
    const request = await requestOrFail("create", cli, flags, given, args);
    cli.streams.out.write(`${await createContainer(cli, flags, request)}\n`);
    return 0;
  },
});
