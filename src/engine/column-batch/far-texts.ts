/** Texts that lie outside of their vector, fetched with few calls. */
import duckdb from "@duckdb/node-bindings";

/** The smallest page of any platform that we run on. */
const PAGE = 4096;

/** Shorter texts are copied faster byte by byte than by a call. */
const LONG_TEXT = 48;

/** Texts by their places, in arrays that are used again: an object for each would keep the collector busy. */
export class FarTexts {
  /** In this process's memory. */
  #addresses = new Float64Array(2048);
  #lengths = new Int32Array(2048);
  /** Where they belong in the target. */
  #places = new Int32Array(2048);
  #count = 0;
  readonly #pointer = new BigUint64Array(1);

  add(address: number, length: number, place: number): void {
    if (this.#count === this.#addresses.length) this.#grow();
    this.#addresses[this.#count] = address;
    this.#lengths[this.#count] = length;
    this.#places[this.#count++] = place;
  }

  /**
   * Copies each text to its place, and forgets them. A call for each would cost more than all the rest of a scan; but the texts of a vector mostly
   * lie close together, as they stood in a page of Parquet, so that neighbours are fetched with what lies between. That may be read where
   * it is on pages of memory that hold a text themselves: neighbours are texts of which the next begins on the page where one ends, or on
   * the page behind.
   */
  copyTo(target: Uint8Array): void {
    const [addresses, lengths] = [this.#addresses, this.#lengths];
    const order = this.#order();
    for (let first = 0; first < this.#count;) {
      const address = addresses[order?.[first] ?? first]!;
      let end = address + lengths[order?.[first] ?? first]!;
      let next = first + 1;
      for (; next < this.#count; next++) {
        const i = order?.[next] ?? next;
        if (Math.floor(addresses[i]! / PAGE) > Math.floor((end - 1) / PAGE) + 1) break;
        end = Math.max(end, addresses[i]! + lengths[i]!);
      }
      this.#pointer[0] = BigInt(address);
      const fetched = duckdb.get_data_from_pointer(this.#pointer.buffer, 0, end - address);
      for (; first < next; first++) {
        const i = order?.[first] ?? first;
        copyText(fetched, addresses[i]! - address, lengths[i]!, target, this.#places[i]!);
      }
    }
    this.#count = 0;
  }

  /** By address; undefined where they are so already, as mostly. */
  #order(): Uint32Array | undefined {
    const addresses = this.#addresses;
    let at = 1;
    while (at < this.#count && addresses[at]! >= addresses[at - 1]!) at++;
    if (at >= this.#count) return undefined;
    return Uint32Array.from({ length: this.#count }, (_, i) => i).sort(
      (a, b) => addresses[a]! - addresses[b]!,
    );
  }

  #grow(): void {
    const room = 2 * this.#addresses.length;
    const [addresses, lengths, places] = [this.#addresses, this.#lengths, this.#places];
    this.#addresses = new Float64Array(room);
    this.#addresses.set(addresses);
    this.#lengths = new Int32Array(room);
    this.#lengths.set(lengths);
    this.#places = new Int32Array(room);
    this.#places.set(places);
  }
}

function copyText(source: Uint8Array, from: number, length: number, target: Uint8Array, at: number): void {
  if (length > LONG_TEXT) target.set(source.subarray(from, from + length), at);
  else for (let i = 0; i < length; i++) target[at + i] = source[from + i]!;
}
