/** The part of a stream's name before the first `-`, or the whole name. */
export function categoryOf(stream: string): string {
  const end = stream.indexOf("-");
  return end === -1 ? stream : stream.slice(0, end);
}
