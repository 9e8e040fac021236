import { describe, expect, it } from "vitest";
import { inWordsOf, memberWords, optionWords } from "./words.js";

describe("optionWords", () => {
  it.each([
    ["filter.any_of[0].types[3]", "--type"],
    ["filter.any_of[0].tags", "--tag"],
    ["filter.any_of[0].category", "--category"],
    ["filter.any_of[0].stream", "--stream"],
    ["events[0].event.type", "--type"],
    ["events[0].event.tags[31]", "--tag"],
    ["events[0].event.metadata", "--metadata"],
    ["events[0].stream", "STREAM"],
    ["conditions[0].revision", "--expect"],
    ["append_id", "--id"],
    ["as_of", "--as-of"],
    ["from_revision", "--from"],
    ["snapshot.schema_type", "--schema-type"],
    ["something.new", "something.new"],
  ])("calls %s %s", (field, option) => {
    expect(optionWords(field)).toBe(option);
  });
});

describe("memberWords", () => {
  it.each([
    ["events[0].event.tags[3]", '"tags"'],
    ["events[0].event.content_type", '"contentType"'],
    ["events[0].stream", '"stream"'],
  ])("calls %s %s", (field, member) => {
    expect(memberWords(field)).toBe(member);
  });
});

it("says of an empty value that it is empty: it was given", () => {
  const field = "filter.any_of[0].tags[0]";
  expect(inWordsOf(optionWords, field, "is required")).toBe("--tag must not be empty");
});
