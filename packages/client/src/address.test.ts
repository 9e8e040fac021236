import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.js";

describe("parseAddress", () => {
  it.each([
    ["localhost", "localhost", 4270],
    ["localhost:1", "localhost", 1],
    ["127.0.0.1:65535", "127.0.0.1", 65_535],
    ["varve.example:80", "varve.example", 80],
    ["http://varve.example", "varve.example", 4270],
    ["http://varve.example:80", "varve.example", 80],
    ["http://varve.example/", "varve.example", 4270],
    ["HTTP://Varve.Example:4270/", "varve.example", 4270],
    ["[::1]", "::1", 4270],
    ["[::1]:4271", "::1", 4271],
    ["http://[FE80::1]:4271/", "fe80::1", 4271],
    ["localhost:4270/", "localhost", 4270],
    ["localhost:04270", "localhost", 4270],
    [" localhost:4270\n", "localhost", 4270],
    ["events_1:4270", "events_1", 4270],
    ["bücher.example:4270", "xn--bcher-kva.example", 4270],
  ])("takes %j", (address, host, port) => {
    expect(parseAddress(address)).toMatchObject({ host, port });
  });

  it("tells the address as it is written", () => {
    expect(parseAddress("http://localhost/").text).toBe("localhost:4270");
    expect(parseAddress("[::1]:80").text).toBe("[::1]:80");
  });

  it.each([
    ["", undefined],
    [" ", undefined],
    [":", undefined],
    [":4270", undefined],
    ["localhost:", undefined],
    ["host:port", undefined],
    ["localhost:-1", undefined],
    ["localhost:0", "from 1 to 65535"],
    ["localhost:65536", "from 1 to 65535"],
    ["::1", "in brackets"],
    ["fe80::1:4270", "in brackets"],
    ["[::1", undefined],
    ["[zz]:1", undefined],
    ["[::1::2]:1", "not the name of a host"],
    ["local host:1", undefined],
    ["user@localhost:1", undefined],
    ["localhost:4270/workspaces", "no path"],
    ["http://localhost:4270?a=b", "no path"],
    ["http://", undefined],
    ["http:///", undefined],
    ["https://localhost:4270", "TLS is not supported yet"],
    ["varve+tls://localhost", "TLS is not supported yet"],
    ["ftp://localhost:1", "ftp:// is not how"],
    ["999.1.1.1:1", "not the name of a host"],
  ])("refuses %j", (address, why) => {
    expect(() => parseAddress(address)).toThrow(TypeError);
    expect(() => parseAddress(address)).toThrow(JSON.stringify(address));
    if (why !== undefined) expect(() => parseAddress(address)).toThrow(why);
  });

  it("refuses what is not a string", () => {
    expect(() => parseAddress(4270 as unknown as string)).toThrow(TypeError);
  });
});
