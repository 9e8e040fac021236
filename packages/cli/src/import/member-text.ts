/**
 * The texts of the members' values in the text of a JSON object, as they stand there:
 * a number keeps all its digits. As in JSON.parse, of two members with one name the
 * last counts.
 *
 * REQUIRES: the text is a valid JSON object.
 */
export function memberTexts(object: string): Map<string, string> {
  const texts = new Map<string, string>();
  let at = object.indexOf("{") + 1;
  while (true) {
    const keyStart = object.indexOf('"', at);
    if (keyStart < 0) return texts;
    const keyEnd = endOfString(object, keyStart);
    const valueStart = object.indexOf(":", keyEnd) + 1;
    const valueEnd = endOfValue(object, valueStart);
    texts.set(
      JSON.parse(object.slice(keyStart, keyEnd)),
      object.slice(valueStart, valueEnd).trim(),
    );
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
