import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { BackedUpServer, namesIn, temporaryFolder } from "../testing/backed-up-server.js";
import { parseLines } from "../testing/run.js";

let server: BackedUpServer;
let data: string;
let file: string;

beforeEach(async () => {
  server = await BackedUpServer.start();
  const folder = await temporaryFolder();
  data = join(folder, "data");
  file = join(folder, "events.ndjson");
});

const at = (time: string, more: object = {}) =>
  `${JSON.stringify({ stream: "a-1", type: "t", recordedAt: time, ...more })}\n`;

async function restore(...words: string[]) {
  return server.run(["restore", "--from-lines", ...words, "--data", data]);
}

/** Numbers with the same seed are the same: a failure can be seen again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const texts = [
  '{"n":12345678901234567890,"x":1e400,"b":1,"a":2,"a":3}',
  '{\n "lines": [1,\r\n2]\n}\n',
  "null",
  '"\\ud800 \\u0000"',
  "{ broken",
  "",
];

/** Events of every kind, with repeated ids, in appends of one or several. */
async function appendAnything(random: (below: number) => number): Promise<void> {
  const ids = Array.from({ length: 5 }, () => crypto.randomUUID());
  const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T;
  const event = () => ({
    id: pick(ids),
    type: pick(["t", "order.Placed"]),
    data: random(4) === 0 ? Uint8Array.of(0xff, random(256)) : Buffer.from(pick(texts)),
    contentType: pick(["application/json", "application/x+json", "image/png"]),
    metadata: Buffer.from(pick(["{}", '{"n":1e400,"1":2,"0":12345678901234567890}', '{\n"a":[]}'])),
    tags: pick([[], ["a"], ["a", "b", "a"]]),
  });
  for (let i = 0; i < 60; i++) {
    await server.client.append(
      pick(["a-1", "a-2", "b"]),
      Array.from({ length: 1 + random(4) }, event),
    );
  }
}

describe("varve restore --from-lines", () => {
  it("makes of an export what exports the same, and what verifies", async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`seed ${seed}`);
    await appendAnything(randomOf(seed));
    const original = await server.run(["export"]);
    await writeFile(file, original.out);
    const { status, out, err } = await restore(file);
    expect([status, err]).toEqual([0, ""]);
    const lines = parseLines(original.out) as { recordedAt: string }[];
    const lastRecordedAt = lines.at(-1)?.recordedAt;
    const head = String(lines.length);
    expect(JSON.parse(out)).toMatchObject({ workspace: "default", data, head, lastRecordedAt });
    const verified = await server.run(["verify", "--data", data]);
    expect([verified.status, verified.err]).toEqual([0, ""]);
    const restored = await BackedUpServer.serve(data);
    expect((await restored.run(["export"])).out).toBe(original.out);
  });

  it("counts positions and revisions by the lines, and makes ids where there are none", async () => {
    const place = { position: "77", revision: "9" };
    await writeFile(file, at("2020-01-01T00:00:00Z", place) + at("2020-01-01T01:00:00+01:00"));
    const input = at("2021-06-01T00:00:00.1234Z", { stream: "b" });
    const words = ["restore", "--from-lines", file, "-", "--data", data, "--as", "orders"];
    expect((await server.run(words, { input })).status).toBe(0);
    const restored = await BackedUpServer.serve(data);
    const { out } = await restored.run(["replay", "--workspace", "orders"], {
      client: restored.client.workspace("orders"),
    });
    const id = expect.stringMatching(/^[\da-f-]{36}$/);
    const first = { stream: "a-1", recordedAt: "2020-01-01T00:00:00.000Z", id };
    expect(parseLines(out)).toMatchObject([
      { ...first, position: "1", revision: "0" },
      { ...first, position: "2", revision: "1" },
      { stream: "b", recordedAt: "2021-06-01T00:00:00.123Z", position: "3", revision: "0" },
    ]);
  });

  // The name after --as was passed over without a word.
  it("refuses two names for the one workspace", async () => {
    await writeFile(file, at("2020-01-01T00:00:00Z"));
    const { status, err } = await restore(file, "--workspace", "orders", "--as", "bills");
    expect(status).toBe(2);
    expect(err).toContain("--workspace and --as name the same; give one of them.");
    expect(await namesIn(data)).toEqual([]);
  });

  it("refuses what is no name of a workspace, and says with which option it was given", async () => {
    await writeFile(file, at("2020-01-01T00:00:00Z"));
    for (const option of ["--workspace", "--as"]) {
      const { status, err } = await restore(file, option, "No Name");
      expect(status).toBe(2);
      expect(err).toContain(`${option} must be 1 to 63 characters`);
    }
  });

  it("goes on with new appends after what was restored", async () => {
    await writeFile(file, at("2020-01-01T00:00:00Z"));
    await restore(file);
    const restored = await BackedUpServer.serve(data);
    const { lastPosition } = await restored.client.append("a-1", { type: "t" }, { expect: 0 });
    expect(lastPosition).toBe(2n);
  });

  it.each([
    [
      "no time",
      `${at("2020-01-01T00:00:00Z")}{"stream":"a","type":"t"}`,
      2,
      '"recordedAt" is missing',
    ],
    ["a time of another form", at("1 May 2020"), 1, '"recordedAt" is not a time'],
    ["a day that is none", at("2020-02-30T00:00:00Z"), 1, '"recordedAt" is not a time'],
    ["a time before 1970", at("1969-12-31T23:59:59Z"), 1, '"recordedAt" is before 1970'],
    [
      "a time in the future",
      at("2999-01-01T00:00:00Z"),
      1,
      "its time, 2999-01-01T00:00:00.000Z, is in the future",
    ],
    [
      "a time that runs backwards",
      `${at("2020-01-01T00:00:01Z")}\n${at("2020-01-01T00:00:00Z")}`,
      3,
      "its time, 2020-01-01T00:00:00.000Z, is before that of the event before it, 2020-01-01T00:00:01.000Z",
    ],
    ["no event", `${at("2020-01-01T00:00:00Z")}{`, 2, "it is not JSON"],
    [
      "a name that no append may have",
      at("2020-01-01T00:00:00Z", { stream: "$a" }),
      1,
      '"stream" must not start with "$"',
    ],
    [
      "more tags than an append may have",
      at("2020-01-01T00:00:00Z", { tags: [..."abcdefghijklmnopqrstuvwxyz0123456789"] }),
      1,
      '"tags" must be at most 32 elements',
    ],
    ["an empty tag", at("2020-01-01T00:00:00Z", { tags: [""] }), 1, '"tags"'],
  ])("refuses %s, names the line, and leaves nothing", async (_, lines, line, why) => {
    await writeFile(file, lines);
    const text = await restore(file);
    expect([text.status, text.out]).toEqual([2, ""]);
    expect(text.err).toContain(`varve: ${file}: Line ${line}: ${why}`);
    const json = await restore(file, "--json");
    expect(JSON.parse(json.err).error).toMatchObject({ reason: "BAD_LINE", source: file, line });
    expect(await namesIn(data)).toEqual([]);
  });

  it("takes the limits of the server's settings from the environment", async () => {
    await writeFile(file, at("2020-01-01T00:00:00Z", { type: "x".repeat(300) }));
    const words = ["restore", "--from-lines", file, "--data", data];
    const env = { VARVE_MAX_TYPE_BYTES: "300" };
    expect((await server.run(words, { env })).status).toBe(0);
  });

  it("does not touch a workspace that is there", async () => {
    await writeFile(file, at("2020-01-01T00:00:00Z"));
    await restore(file);
    const before = await readFile(join(data, "workspaces/default/CURRENT"), "utf8");
    expect((await restore(file)).err).toBe(
      `varve: The workspace "default" exists already in ${data}.\n`,
    );
    expect(await readFile(join(data, "workspaces/default/CURRENT"), "utf8")).toBe(before);
  });

  it("makes an empty workspace of no lines, and says so", async () => {
    await writeFile(file, "\n");
    const { out } = await server.run(["restore", "--from-lines", file, "--data", data], {
      isTerminal: true,
    });
    expect(out).toBe(`The workspace "default" is made in ${data}, without events.\n`);
  });

  it.each([
    [["none.ndjson"]],
    [["."]],
    [["F", "--workspace", "../x"]],
    [["F", "--to-position", "1"]],
    [["F", "--to-time", "2020-01-01"]],
    [[]],
  ])("is used wrongly: %j", async (words) => {
    await writeFile(file, "");
    const { status, out } = await restore(...words.map((word) => (word === "F" ? file : word)));
    expect([status, out]).toEqual([2, ""]);
  });
});
