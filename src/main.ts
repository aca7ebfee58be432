/** The program: `escale daemon …` is the daemon, everything else the command line. Only what is asked for is loaded. */

/** Waits until what was written has left, so that exiting loses nothing. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}

async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === "daemon") {
    const { runDaemon } = await import("./daemon/index.ts");
    process.exitCode = await runDaemon(argv.slice(1));
    await flushed(process.stdout);
    // Connections to containers that go on would keep the program running.
    process.exit();
  }
  // A reader that went away (`escale logs x | head`) ends the program as the signal for it would.
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    process.exit(error.code === "EPIPE" ? 141 : 1);
  };
  process.stdout.on("error", onOutputError);
  process.stderr.on("error", onOutputError);
  const { runCli } = await import("./cli/index.ts");
  process.exitCode = await runCli(argv);
  await flushed(process.stdout);
  await flushed(process.stderr);
  // Input may still be open (a terminal, a pipe that goes on): nobody reads it any more.
  process.exit();
}

await main(process.argv.slice(2));
