import { isIP } from "node:net";
import { LandfallError } from "../base/landfall-error.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Nobody else reaches it. */
export const LOOPBACK = "127.0.0.1";

/** `9464`, `:9464`, `host:9464`, `[::1]:9464`. Without a host it is this machine's own. @throws LandfallError USAGE; `flag` is named there */
export function listenAddress(text: string, flag: string): ListenAddress {
  const [, bracketed, plain, digits] =
    /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]*)):)?([0-9]{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new LandfallError("USAGE", {
      message: `${flag} takes a port or HOST:PORT, not ${JSON.stringify(text)}.`,
      hint: `For example ${flag} 9464 for this machine only, or ${flag} 0.0.0.0:9464 for all who reach it.`,
    });
  }
  return { host: bracketed ?? (plain || LOOPBACK), port };
}

/** As it stands in a URL. */
export function addressText({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Is a request with this `Host` meant for a server that listens there? Yes for this machine's own names and for the address that was given;
 * and for any where the server listens for everybody, since nobody knows by which names they call it.
 */
export function isAskedFor(hostHeader: string | undefined, address: ListenAddress): boolean {
  // Who sends none (HTTP/1.0) is no browser.
  if (hostHeader === undefined || ANY_ADDRESS.has(address.host)) return true;
  const host = hostHeader
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  const isLoopback = (isIP(host) === 4 && host.startsWith("127.")) || host === "::1";
  return isLoopback || host === "localhost" || host === address.host.toLowerCase();
}

const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
