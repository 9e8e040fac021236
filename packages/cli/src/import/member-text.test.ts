import { describe, expect, it } from "vitest";
import { memberTexts } from "./member-text.js";

describe("memberTexts", () => {
  it.each([
    ['{"data":1}', "1"],
    ['{"a":1,"data": 12345678901234567890 ,"b":2}', "12345678901234567890"],
    ['{"data":1.0e400}', "1.0e400"],
    ['{ "data" : { "x" : [1, {"y": "}]"}] } }', '{ "x" : [1, {"y": "}]"}] }'],
    ['{"data":"a \\"quoted\\", \\\\"}', '"a \\"quoted\\", \\\\"'],
    ['{"data":null,"z":[]}', "null"],
    ['{"a":"\\"data\\":","data":[]}', "[]"],
    ['{"a":{"data":1},"data":2}', "2"],
    ['{"d\\u0061ta":true}', "true"],
    ['{"data":1,"data":2}', "2"],
  ])("finds the value in %s", (object, text) => {
    expect(memberTexts(object).get("data")).toBe(text);
  });

  it.each(["{}", " { } ", '{"a":{"data":1}}', '{"a":"data"}'])("finds none in %s", (object) => {
    expect(memberTexts(object).get("data")).toBeUndefined();
  });
});
