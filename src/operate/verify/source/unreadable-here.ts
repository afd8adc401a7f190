/** The layout of an input is none that is read by other means. */
export class UnreadableHere extends Error {}
