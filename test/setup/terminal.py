"""Runs a program on a pseudo terminal and answers what it asks.

usage: terminal.py STEPS PROGRAM ARGUMENT...   STEPS: [[text to wait for, what to type], ...] as JSON
Prints {"status": exit status, "screen": all it wrote} as JSON.
"""
import json, os, pty, select, sys, time

steps = json.loads(sys.argv[1])
PATIENCE_S = 100
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
screen, seen = "", 0
end = time.monotonic() + PATIENCE_S
while time.monotonic() < end:
    if steps and steps[0][0] in screen[seen:]:
        seen = screen.index(steps[0][0], seen) + len(steps[0][0])
        os.write(terminal, steps.pop(0)[1].encode())
    if not select.select([terminal], [], [], 0.2)[0]:
        continue
    try:
        octets = os.read(terminal, 65536)
    except OSError:
        break
    if not octets:
        break
    screen += octets.decode("utf-8", "replace")
else:
    os.kill(pid, 9)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({"status": status, "screen": screen, "unanswered": steps}))
