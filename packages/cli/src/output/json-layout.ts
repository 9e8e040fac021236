/** Strings, punctuation, and everything else that stands alone: numbers, true, false, null. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/** Deeper values are not indented further: depth must not make a short text a long one. */
const indentedDepthMax = 32;

/**
 * JSON with a space after each member and element, where a line may be broken. What the text
 * says stays as it is written: every digit, the order of members and repeated ones.
 *
 * REQUIRES: the text is valid JSON.
 */
export function spacedJson(json: string): string {
  return layOut(json, { comma: ", ", colon: ":", lineBreak: () => "" });
}

/** JSON with each member and element on a line of its own. REQUIRES: as for `spacedJson`. */
export function prettyJson(json: string): string {
  const lineBreak = (depth: number) => `\n${"  ".repeat(Math.min(depth, indentedDepthMax))}`;
  return layOut(json, { comma: ",", colon: ": ", lineBreak });
}

interface Layout {
  readonly comma: string;
  readonly colon: string;
  readonly lineBreak: (depth: number) => string;
}

function layOut(json: string, { comma, colon, lineBreak }: Layout): string {
  const pieces: string[] = [];
  let depth = 0;
  let before = "";
  for (const [token] of json.matchAll(tokens)) {
    const closes = token === "}" || token === "]";
    const opened = before === "{" || before === "[";
    if (closes) depth -= 1;
    if (closes ? !opened : opened || before === ",") pieces.push(lineBreak(depth));
    if (token === "{" || token === "[") depth += 1;
    pieces.push(token === "," ? comma : token === ":" ? colon : token);
    before = token;
  }
  return pieces.join("");
}
