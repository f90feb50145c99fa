import type { SlotWord } from "../streaming/ports.ts";
import type { TabChannel, TabMessage } from "./tab-channel.ts";

const WORDS: readonly TabMessage[] = ["slot-0-wanted", "slot-1-wanted", "slot-2-wanted", "slot-3-wanted"];

/** Word about leave to stream, over the channel of tabs. */
export function createSlotWord(channel: Pick<TabChannel, "post" | "subscribe">): SlotWord {
  return {
    ask(slot) {
      const word = WORDS[slot];
      if (word !== undefined) channel.post(word);
    },
    subscribe: (listener) =>
      channel.subscribe((message) => {
        const slot = WORDS.indexOf(message);
        if (slot >= 0) listener(slot);
      }),
  };
}
