/** How a field of a request is called by whoever caused it. */
export type FieldWords = (field: string) => string;

/** The fields of requests, by the end of their paths, and the options that they come from. */
const options: readonly (readonly [field: RegExp, option: string])[] = [
  [/^workspace$/, "--workspace"],
  [/^filter\.any_of\[\d+\]\.types\b/, "--type"],
  [/^filter\.any_of\[\d+\]\.tags\b/, "--tag"],
  [/^filter\.any_of\[\d+\]\.(category|stream)$/, "--$1"],
  [/^(?:events\[\d+\]\.|snapshot\.)?stream$/, "STREAM"],
  [/^(?:events\[\d+\]\.)?event\.(type|data|metadata|id)$/, "--$1"],
  [/^(?:events\[\d+\]\.)?event\.tags\b/, "--tag"],
  [/^append_id$/, "--id"],
  [/^conditions\b/, "--expect"],
  [/^(from|to)_(?:position|revision)$/, "--$1"],
  [/^(?:use_)?snapshot\.schema_type$/, "--schema-type"],
  [/^(?:event|snapshot)\.content_type$/, "--content-type"],
  [/^snapshot\.(data|revision)$/, "--$1"],
  [/^at$|^after(?:_position)?$/, "--after"],
  [/^(since|until|as_of|prefix|limit)$/, "--$1"],
];

/** The option or argument that a field was made of; the field itself if it is of none. */
export const optionWords: FieldWords = (field) => {
  for (const [pattern, option] of options) {
    const match = pattern.exec(field);
    if (match) return option.replace("$1", (match[1] ?? "").replaceAll("_", "-"));
  }
  return field;
};

/** The member of a line that a field was made of. */
export const memberWords: FieldWords = (field) => {
  const member = /(\w+)(?:\[\d+\])?$/.exec(field)?.[1] ?? field;
  return JSON.stringify(member.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
};

/** What is wrong with a field, as people say it of what they typed. */
export function inWordsOf(words: FieldWords, field: string, description: string): string {
  const fault = description === "is required" ? "must not be empty" : description;
  return `${words(field)} ${fault}`;
}
