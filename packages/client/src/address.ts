/** The port that a server listens on if nothing else is said. */
export const DEFAULT_PORT = 4270;

const PORT_MAX = 65_535;

/** Where a server listens. */
export interface Address {
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  /** 1 to 65,535. */
  readonly port: number;
  /** `host:port`, an IPv6 address in brackets. */
  readonly text: string;
}

/** An IPv6 address in brackets or a name; then perhaps a port. */
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^[\]:/?#@\s]+)(?::(\d+))?$/i;
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/**
 * Reads the address of a server: `HOST`, `HOST:PORT`, `[IPV6]:PORT`, each also after
 * `http://` and with a `/` at its end. Spaces around it do not count. The port is 4270
 * if none is given, whatever it is preceded by.
 *
 * Throws `TypeError`, with a sentence that quotes what was given, for anything else.
 */
export function parseAddress(address: string): Address {
  if (typeof address !== "string") throw new TypeError("The address must be a string");
  const given = address.trim();
  const scheme = SCHEME.exec(given)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http") throw wrongScheme(address, scheme);
  const rest = given.slice(scheme === undefined ? 0 : "http://".length).replace(/\/$/, "");
  const [, name = "", digits] = HOST_AND_PORT.exec(rest) ?? [];
  if (name === "") throw noAddress(address, hintOf(rest));
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > PORT_MAX) throw noAddress(address, "a port is a number from 1 to 65535");
  const url = URL.parse(`http://${name}:${port}`);
  if (!url) throw noAddress(address, `${JSON.stringify(name)} is not the name of a host`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port,
    text: `${url.hostname}:${port}`,
  };
}

function hintOf(rest: string): string | undefined {
  if (/^[0-9a-f:.]*:[0-9a-f:.]*:/i.test(rest)) {
    return "an IPv6 address stands in brackets, such as [::1]:4270";
  }
  return /[/?#]/.test(rest) ? "it has no path" : undefined;
}

function wrongScheme(address: string, scheme: string): TypeError {
  const isTls = scheme.endsWith("s");
  return noAddress(
    address,
    isTls ? "TLS is not supported yet" : `${scheme}:// is not how a server is reached`,
  );
}

function noAddress(address: string, why: string | undefined): TypeError {
  const because = why === undefined ? "" : `: ${why}`;
  return new TypeError(
    `The address must be HOST:PORT or http://HOST:PORT, but is ${JSON.stringify(address)}${because}`,
  );
}
