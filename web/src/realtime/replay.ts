/**
 * Closes the gap between a read and the events that arrive while it is under way: an answer read before an
 * event must not overwrite what the event brought. Every read notes the position first and is given the
 * events since, through the same pure reducers.
 */
import type { QueryKey } from "@tanstack/react-query";
import type { Change } from "./events";
import { reduce } from "./reducers";

/** How many events are kept; a read that takes longer than so many events is caught by the next event. */
const KEPT = 1_000;

export class Replay {
  #changes: Change[] = [];
  #dropped = 0;

  note(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > KEPT) {
      this.#dropped += this.#changes.length - KEPT;
      this.#changes = this.#changes.slice(-KEPT);
    }
  }

  /** Where the log of events stands now. */
  position(): number {
    return this.#dropped + this.#changes.length;
  }

  /** `data` of `key`, read when the log stood at `from`, with every event since applied. */
  since<T>(from: number, key: QueryKey, data: T, me: string | undefined): T {
    return this.#changes
      .slice(Math.max(0, from - this.#dropped))
      .reduce<unknown>((have, change) => reduce(key, have, change, me), data) as T;
  }
}
