import { Option } from "commander";
import { parsePosition } from "../options/numbers.js";
import { parseTime } from "../options/time.js";
import { collectName, collectType, notEmpty } from "../options/values.js";
import { option } from "./define.js";

/** The options that choose events of the log; an event must match each that is given. */
export function filterOptions(): Option[] {
  return [
    typeOption(),
    option<string>(
      "--category <NAME>",
      "only streams whose name up to the first - is this",
      notEmpty,
    ),
    tagOption(),
  ];
}

/** The option that chooses by type. */
export function typeOption(): Option {
  return option(
    "--type <TYPE>",
    "only this type, or prefix: 'order.*'; may be repeated: any",
    collectType,
  );
}

/** The option that chooses by tag. */
export function tagOption(): Option {
  return option("--tag <TAG>", "only with this tag; may be repeated: all", collectName);
}

/** The options that choose events that were recorded, by place, time and what they have. */
export function logOptions(): Option[] {
  return [
    option("--from <P>", "lowest position, inclusive (default: 1)", parsePosition),
    option("--to <P>", "highest position, inclusive (default: the head)", parsePosition),
    option("--since <TIME>", "only events recorded then or later", parseTime),
    option("--until <TIME>", "only events recorded then or earlier", parseTime),
    streamOption(),
    ...filterOptions(),
  ];
}

/** The option that chooses the events of one stream. */
export function streamOption(): Option {
  return option<string>("--stream <STREAM>", "only this stream", notEmpty).conflicts("category");
}

/** The option for those who want to see all of an event. */
export function longOption(): Option {
  return new Option("--long", "every field of an event, on lines of their own").conflicts("json");
}

/** The option that turns the order round. */
export function backwardsOption(): Option {
  return new Option("--backwards", "newest first; the range stays the same");
}

/** The option that says what data is. */
export function contentTypeOption(): Option {
  return option<string>(
    "--content-type <TYPE>",
    "media type of the data (default: application/json)",
    text,
  );
}

/** Takes an option's value as it is. */
export function text(value: string): string {
  return value;
}
