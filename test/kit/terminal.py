"""Plays the terminal of a person: runs a command in a pseudo-terminal of ROWS x COLS.

usage: terminal.py ROWS COLS COMMAND...
Standard input takes JSON lines, {"send": TEXT} and {"resize": [ROWS, COLS]}; standard output is what the terminal shows.
Ends with the command's exit code.
"""
import fcntl, json, os, pty, select, struct, sys, termios


def set_size(fd, rows, cols):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


rows, cols, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    set_size(0, rows, cols)
    os.execvp(command[0], command)
pending, sources = b"", [terminal, 0]
while True:
    ready, _, _ = select.select(sources, [], [])
    if terminal in ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            data = b""
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            sources.remove(0)
        pending += data
        while b"\n" in pending:
            line, pending = pending.split(b"\n", 1)
            order = json.loads(line)
            if "send" in order:
                os.write(terminal, order["send"].encode())
            if "resize" in order:
                set_size(terminal, *order["resize"])
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
