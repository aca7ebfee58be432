/**
 * Node's net module accepts only descriptors that it recognises as pipes, TCP or stream sockets. Two others are needed
 * here and behave well in libuv's event loop once they are there: SOCK_SEQPACKET sockets (conmon's attach socket) and
 * pidfds. The class behind `net.Socket` takes any descriptor that can be polled; this file is the only one that reaches
 * for it.
 */
import { Socket, type SocketConstructorOpts } from "node:net";

interface PipeHandle {
  /** Takes over a descriptor and makes it non-blocking; returns 0 or a negative errno. */
  open(fd: number): number;
}

interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly constants: { readonly SOCKET: number };
}

const { Pipe, constants } = (process as unknown as { binding(name: "pipe_wrap"): PipeBinding }).binding("pipe_wrap");

/** What `net.Socket`'s constructor takes to be the owner of `fd`; an error of the descriptor throws. */
export function optionsOfDescriptor(fd: number): SocketConstructorOpts {
  const handle = new Pipe(constants.SOCKET);
  const result = handle.open(fd);
  if (result !== 0) throw new Error(`descriptor ${fd} cannot be polled (${result})`);
  return { handle, allowHalfOpen: true } as unknown as SocketConstructorOpts;
}

/**
 * Resolves when a pidfd says that its process has ended, and closes it. libuv finds it readable, tries to read it, gets
 * EINVAL and closes the socket: that is the notice. Waiting does not keep Node running when `keepsAlive` is false.
 */
export function whenReadable(fd: number, keepsAlive: boolean): { readonly done: Promise<void>; cancel(): void } {
  const socket = new Socket(optionsOfDescriptor(fd));
  const done = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  socket.on("error", () => {});
  socket.resume();
  if (!keepsAlive) socket.unref();
  return { done, cancel: () => socket.destroy() };
}
