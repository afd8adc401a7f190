/**
 * Tells systemd how the service is (sd_notify(3)): that it is ready, that it is alive, that it stops. Node has no datagram sockets of the
 * file system, so `systemd-notify` sends it; the unit needs NotifyAccess=all. Nothing at all where nobody asked.
 */
import { spawn } from "node:child_process";

export interface ServiceNotice {
  ready(): void;
  stopping(): void;
  close(): void;
}

const NOBODY: ServiceNotice = { ready: () => {}, stopping: () => {}, close: () => {} };

export function serviceNotice(env: Readonly<Record<string, string | undefined>>): ServiceNotice {
  if (env["NOTIFY_SOCKET"] === undefined) return NOBODY;
  const tell = (...states: readonly string[]): void => {
    // What cannot be told changes nothing: systemd notices that by itself.
    spawn("systemd-notify", states, { stdio: "ignore", env }).on("error", () => {});
  };
  // A loop that hangs tells nothing.
  const everyMs = Number(env["WATCHDOG_USEC"] ?? 0) / 1000 / 2;
  const watchdog = everyMs >= 1 ? setInterval(() => tell("WATCHDOG=1"), everyMs) : undefined;
  watchdog?.unref();
  let isReady = false;
  return {
    ready() {
      if (isReady) return;
      isReady = true;
      tell("--ready");
    },
    stopping: () => tell("STOPPING=1"),
    close: () => clearInterval(watchdog),
  };
}
