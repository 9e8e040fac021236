/** How to read encoded messages in place, where to decode them would cost too much. */
export { FieldReader, MalformedMessageError } from "./field-reader.js";
export { textOf } from "./known-texts.js";
