/**
 * `/metrics` for Prometheus, `/livez` and `/readyz` for probes. It reads, and changes nothing. A page in somebody's browser may have the
 * name of its own host resolve to this machine (DNS rebinding): unless it listens for everybody, it answers only where it was meant.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LandfallError, messageOf, systemCodeOf } from "../base/landfall-error.ts";
import { addressText, isAskedFor, type ListenAddress } from "./listen-address.ts";

export interface MetricsServerOptions {
  readonly address: ListenAddress;
  /** Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** What is wrong, a sentence each; none where the process is alive. */
  readonly alive: () => Promise<readonly string[]>;
  /** The same, where every pipeline reads its files. */
  readonly ready: () => readonly string[];
}

export interface MetricsServer {
  /** `http://127.0.0.1:9464`: with the port that was given, where port 0 asked for any. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws LandfallError ADDRESS_UNAVAILABLE */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      send(response, 500, `${messageOf(error)}\n`);
    });
  });
  // Who asks sends a line and a few headers.
  server.maxHeadersCount = 100;
  server.requestTimeout = 10_000;
  await listening(server, options.address);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${addressText({ ...options.address, port })}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  options: MetricsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAskedFor(request.headers.host, options.address))
    return send(response, 421, "this host name is not served here\n");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return send(response, 405, "only GET and HEAD\n");
  }
  const path = (request.url ?? "/").split("?")[0];
  if (path === "/metrics") return send(response, 200, await options.metrics(), METRICS_TYPE);
  if (path === "/livez") return sendProblems(response, await options.alive());
  if (path === "/readyz") return sendProblems(response, options.ready());
  send(response, 404, "there are /metrics, /livez and /readyz\n");
}

const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
const TEXT_TYPE = "text/plain; charset=utf-8";

function sendProblems(response: ServerResponse, problems: readonly string[]): void {
  if (problems.length === 0) send(response, 200, "ok\n");
  else send(response, 503, `${problems.join("\n")}\n`);
}

function send(response: ServerResponse, status: number, text: string, type: string = TEXT_TYPE): void {
  response.writeHead(status, {
    "content-type": type,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  response.end(text);
}

function listening(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(unavailable(address, error)));
    server.listen({ host: address.host, port: address.port }, resolve);
  });
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there",
  EACCES: "this user may not listen there",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such host",
};

function unavailable(address: ListenAddress, error: unknown): LandfallError {
  const why = WHY[systemCodeOf(error) ?? ""] ?? messageOf(error);
  return new LandfallError("ADDRESS_UNAVAILABLE", {
    message: `Metrics cannot be served at ${addressText(address)}: ${why}.`,
    hint: "Choose another port, or an address of this machine.",
    cause: error,
  });
}
