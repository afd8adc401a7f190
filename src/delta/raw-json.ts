/** A number's text that JSON.stringify prints as it is, so that no digit passes through a double. */
export const rawJson = (JSON as unknown as { rawJSON: (this: void, text: string) => unknown }).rawJSON;
