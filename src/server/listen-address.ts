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
