/**
 * The text of one member's value in the text of a JSON object, as it stands
 * there: a number keeps all its digits. `undefined` if there is no such member.
 *
 * REQUIRES: the text is a valid JSON object.
 */
export function memberText(object: string, name: string): string | undefined {
  let found: string | undefined;
  let at = object.indexOf("{") + 1;
  while (true) {
    const keyStart = object.indexOf('"', at);
    if (keyStart < 0) return found;
    const keyEnd = endOfString(object, keyStart);
    const valueStart = object.indexOf(":", keyEnd) + 1;
    const valueEnd = endOfValue(object, valueStart);
    // As in JSON.parse, of two members with one name the last counts.
    if (JSON.parse(object.slice(keyStart, keyEnd)) === name) {
      found = object.slice(valueStart, valueEnd).trim();
    }
    at = valueEnd;
  }
}

/** Where a string that starts here is over: after its closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
}

/** Where a value that starts here is over: at the comma or brace that follows. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === "{" || character === "[") depth += 1;
    else if (depth === 0 && (character === "," || character === "}")) return at;
    else if (character === "}" || character === "]") depth -= 1;
  }
}
