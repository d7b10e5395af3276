// A service worker that holds on to files while a page reloads: it keeps references, not copies, so that the size
// does not matter. The browser ends it half a minute after its last message; pages that upload send one now and then.

type Message =
  | { act: "keep"; key: number; file: File }
  | { act: "forget"; key: number }
  | { act: "ask"; keys: number[] }
  | { act: "stay" };

const kept = new Map<number, File>();

self.addEventListener("message", (event: MessageEvent<Message>) => {
  const message = event.data;
  if (message.act === "keep") kept.set(message.key, message.file);
  else if (message.act === "forget") kept.delete(message.key);
  else if (message.act === "ask") {
    event.ports[0]?.postMessage(new Map(message.keys.flatMap((key) => {
      const file = kept.get(key);
      return file ? [[key, file]] : [];
    })));
  }
});

export {};
