import type { JsonObject } from "@varve/client";

/** Whether a parsed JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether the text is a UUID, in any case. */
export function isUuid(text: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}

/** What data is of which nothing is said. */
export const defaultContentType = "application/json";

/** Whether a content type is JSON, as the client has it: an empty one says nothing. */
export function isJsonType(contentType: string): boolean {
  if (contentType === "") return true;
  const essence = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  return essence === defaultContentType || essence.endsWith("+json");
}
