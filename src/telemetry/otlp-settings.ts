/** What OpenTelemetry's standard variables say of where metrics and traces go. */

export interface OtlpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: "http/json" | "http/protobuf";
  /** For one request. */
  readonly timeoutMs: number;
}

export interface OtlpSettings {
  readonly traces?: OtlpTarget;
  readonly metrics?: OtlpTarget & { readonly everyMs: number };
  /** `service.name` and what else is said of this process. */
  readonly resource: Readonly<Record<string, string>>;
  /** What was asked for and is not done, a sentence each. */
  readonly notices: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined where nobody asked for it. What cannot be done is told and left out: these variables are often set for all programs of a machine. */
export function otlpSettings(env: Environment): OtlpSettings | undefined {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined;
  const notices: string[] = [];
  const traces = targetOf(env, "TRACES", notices);
  const metrics = targetOf(env, "METRICS", notices);
  if (traces === undefined && metrics === undefined && notices.length === 0) return undefined;
  const interval = metrics === undefined ? undefined : "OTEL_METRIC_EXPORT_INTERVAL";
  const everyMs = milliseconds(env, interval, { otherwise: 60_000, notices });
  const name = env["OTEL_SERVICE_NAME"];
  return {
    ...(traces === undefined ? {} : { traces }),
    ...(metrics === undefined ? {} : { metrics: { ...metrics, everyMs } }),
    resource: {
      "service.name": "landfall",
      ...pairs(env, "OTEL_RESOURCE_ATTRIBUTES", notices),
      ...(name ? { "service.name": name } : {}),
    },
    // What both signals are told by one variable is said once.
    notices: [...new Set(notices)],
  };
}

const NOT_SENT = "so OpenTelemetry gets no";

function targetOf(env: Environment, signal: "TRACES" | "METRICS", notices: string[]): OtlpTarget | undefined {
  const what = signal.toLowerCase();
  /** The name of the variable that says it: the signal's own first. */
  const saidBy = (name: string): string | undefined =>
    [`OTEL_EXPORTER_OTLP_${signal}_${name}`, `OTEL_EXPORTER_OTLP_${name}`].find((one) => env[one]);
  const exporter = env[`OTEL_${signal}_EXPORTER`] || "otlp";
  const own = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`];
  const common = env["OTEL_EXPORTER_OTLP_ENDPOINT"];
  const written = own || (common ? `${common.replace(/\/+$/, "")}/v1/${what}` : undefined);
  if (written === undefined || exporter === "none") return undefined;
  if (!exporter.split(",").includes("otlp")) {
    notices.push(
      `OTEL_${signal}_EXPORTER names none that is known here (otlp and none are), ${NOT_SENT} ${what}`,
    );
    return undefined;
  }
  const url = URL.parse(written);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    notices.push(`the endpoint of OTLP is no http or https URL, ${NOT_SENT} ${what}`);
    return undefined;
  }
  const protocol = env[saidBy("PROTOCOL") ?? ""] ?? "http/protobuf";
  if (protocol !== "http/json" && protocol !== "http/protobuf") {
    notices.push(`${protocol} is not spoken here (http/protobuf and http/json are), ${NOT_SENT} ${what}`);
    return undefined;
  }
  return {
    url: written,
    headers: pairs(env, saidBy("HEADERS"), notices),
    protocol,
    timeoutMs: milliseconds(env, saidBy("TIMEOUT"), { otherwise: 10_000, notices }),
  };
}

/** `a=b,c=d`, percent-encoded; what is none is told and passed over. A part may be a secret: it is not repeated. */
function pairs(env: Environment, variable: string | undefined, notices: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  const text = variable === undefined ? "" : (env[variable] ?? "");
  for (const part of text.split(",")) {
    const at = part.indexOf("=");
    if (at > 0) found[part.slice(0, at).trim()] = decoded(part.slice(at + 1).trim());
    else if (part.trim() !== "") notices.push(`a part of ${variable} is no name=value and is left out`);
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function milliseconds(
  env: Environment,
  variable: string | undefined,
  { otherwise, notices }: { readonly otherwise: number; readonly notices: string[] },
): number {
  const text = variable === undefined ? undefined : env[variable];
  if (!text) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  notices.push(
    `${variable} is ${JSON.stringify(text.slice(0, 40))}, which is no number of milliseconds above zero: ${otherwise} is taken`,
  );
  return otherwise;
}
