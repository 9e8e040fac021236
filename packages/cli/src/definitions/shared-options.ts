import { Option } from "commander";
import { collect } from "../options/values.js";
import { option } from "./define.js";

/** The options that choose events of the log; an event must match each that is given. */
export function filterOptions(): Option[] {
  return [
    option("--type <TYPE>", "only this type, or prefix: 'order.*'; may be repeated: any", collect),
    option<string>("--category <NAME>", "only streams whose name up to the first - is this", text),
    option("--tag <TAG>", "only with this tag; may be repeated: all", collect),
  ];
}

/** The option that turns the order round. */
export function backwardsOption(): Option {
  return new Option("--backwards", "newest first; the range stays the same");
}

/** Takes an option's value as it is. */
export function text(value: string): string {
  return value;
}
