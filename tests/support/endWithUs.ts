/**
 * Has a process end when this one is gone, however that came (SIGKILL included): a shell that waits for the end of a pipe
 * which only we hold. For children in a process group of their own, so that Ctrl-C reaches us alone and we stop them in
 * order. It keeps nobody alive, and needs /bin/sh.
 */
import { type ChildProcess, spawn } from "node:child_process"

/** Watches over a running child until it has ended. If we are gone first, `folder` is deleted as well, where one is given. */
export const endWithUs = (child: ChildProcess, folder?: string): void => {
  const script = "read -r _; kill -9 \"$1\" 2>/dev/null; [ -z \"$2\" ] || rm -rf -- \"$2\""
  const shell = spawn("/bin/sh", ["-c", script, "sh", String(child.pid ?? 0), folder ?? ""], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true
  })
  shell.unref()
  if (shell.stdin !== null && "unref" in shell.stdin && typeof shell.stdin.unref === "function") shell.stdin.unref()
  // first of all: the number of a process that has ended may be another's soon
  child.once("exit", () => shell.kill("SIGKILL"))
}
