/** Words between the tabs of this browser. Nobody may depend on being heard. */

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("loa");

interface Word {
  topic: string;
  data: unknown;
}

/** Tell the other tabs. */
export function tellTabs<T>(topic: string, data: T): void {
  channel?.postMessage({ topic, data } satisfies Word);
}

/** Hear the other tabs until the returned function is called. */
export function hearTabs<T>(topic: string, hear: (data: T) => void): () => void {
  const listen = (event: MessageEvent<Word>) => {
    if (event.data?.topic === topic) hear(event.data.data as T);
  };
  channel?.addEventListener("message", listen);
  return () => channel?.removeEventListener("message", listen);
}
