import { createFloorRenderer } from "./floor-renderer.ts";
import { createNaiveRenderer } from "./naive-renderer.ts";
import { watchLongTasks } from "./long-tasks.ts";
import { createCaretRenderer, createOurRenderer } from "./our-renderer.ts";
import { streamPaced } from "./paced-stream.ts";
import { PATHOLOGICAL } from "./pathological-texts.ts";
import type { PersistTimes } from "./kept-answer.ts";
import { PERSIST_SIDES, persistTogether, type PersistSide } from "./persist.ts";
import { openProductStore, watchDiskWork } from "./product-store.ts";
import { openRawPuts } from "./raw-puts.ts";
import type { CreateRenderer } from "./renderer.ts";
import { alternate, interleave, mean } from "./rounds.ts";
import { beginStream, FRAME_CHARS, sampledSpans, streamText, type TextStream } from "./stream.ts";
import { createStreamdownRenderer } from "./streamdown-renderer.ts";
import {
  fenceText,
  listText,
  mixedText,
  paragraphText,
  proseText,
  SECTION_CHARS,
  tableText,
} from "./texts.ts";

interface Rounds {
  readonly rounds: number;
}

/** Values of rounds; unit: ms a frame. */
interface PathologicalRow {
  readonly input: string;
  readonly prose: number[];
  readonly paragraph: number[];
  readonly ours: number[];
  /** The same text in one line, without Markdown: what the engine takes for a paragraph as long. */
  readonly floor: number[];
  /** The longest frame, written and laid out. */
  readonly longest: number[];
  readonly pacedProse: number[];
  readonly paced: number[];
}

/** Texts of one kind, to be compared with the mixed one. */
const KINDS = {
  list: listText,
  fence: fenceText,
  paragraph: paragraphText,
  table: tableText,
} as const;
export type TextKind = keyof typeof KINDS;

/** What the page can measure. Each answers values of rounds; unit: ms a frame, but where it says otherwise. */
export const PAGE_BENCHES = {
  /** Every frame of ours and of the floor; then in turns with the peers, those at 25 places of the same text, for they are slow. */
  async stream({ rounds, chars }: Rounds & { readonly chars: number }) {
    const text = mixedText(chars);
    const alone = await interleave(rounds, {
      floor: () => beginStream(createFloorRenderer, text),
      ours: () => beginStream(createOurRenderer, text),
      caret: () => beginStream(createCaretRenderer, text, sampledSpans(chars, 10, 312)),
    });
    const beside = await alternate(rounds, {
      oursBeside: () => beginStream(createOurRenderer, text),
      streamdown: () => beginStream(createStreamdownRenderer, text, sampledSpans(chars, 25, 4)),
      naive: () => beginStream(createNaiveRenderer, text, sampledSpans(chars, 25, 1)),
    });
    return { ...alone, ...beside };
  },

  /** Frames of two sections' length just before each of the sizes; the text up to there comes in big pieces. */
  async growth({ rounds, sizes }: Rounds & { readonly sizes: readonly number[] }) {
    const text = mixedText(Math.max(...sizes));
    const at = (create: CreateRenderer, size: number): TextStream =>
      beginStream(create, text, [
        { until: size - 2 * SECTION_CHARS, isMeasured: false, frameChars: 2_000 },
        { until: size, isMeasured: true, frameChars: FRAME_CHARS },
      ]);
    const ours = await interleave(
      rounds,
      bySize(sizes, (size) => at(createOurRenderer, size)),
    );
    const floor = await interleave(
      rounds,
      bySize(sizes, (size) => at(createFloorRenderer, size)),
    );
    return { ours, floor };
  },

  /** Every other section of a text of one kind, frame by frame, against the mixed one of the same length, and against the floor under the same text. */
  async kind({ rounds, chars, kind }: Rounds & { readonly chars: number; readonly kind: TextKind }) {
    const text = KINDS[kind](chars);
    const mixed = mixedText(chars);
    // Every other section is streamed frame by frame.
    const spans = sampledSpans(chars, chars / SECTION_CHARS / 2, SECTION_CHARS / FRAME_CHARS);
    return interleave(rounds, {
      mixed: () => beginStream(createOurRenderer, mixed, spans),
      ours: () => beginStream(createOurRenderer, text, spans),
      floor: () => beginStream(createFloorRenderer, text, spans),
    });
  },

  /** One section in ten is streamed frame by frame, the others in pieces. Answers each frame of one run. */
  async worstFrame({ chars, frames }: { readonly chars: number; readonly frames: number }) {
    return streamText(
      createOurRenderer,
      mixedText(chars),
      [
        ...sampledSpans(
          chars,
          Math.ceil(frames / (SECTION_CHARS / FRAME_CHARS)),
          SECTION_CHARS / FRAME_CHARS,
        ),
      ].map((span) => (span.isMeasured ? span : { ...span, frameChars: 2_000 })),
    );
  },

  /**
   * At 25 places; answers for each input the mean and the longest frame of each round, and the mean of as much prose beside
   * it, in paragraphs and in one. `paced`: at five longer places, in those frames that the app's own queue of texts writes.
   */
  async pathological({ rounds, chars, only }: Rounds & { readonly chars: number; readonly only?: string }) {
    const [prose, paragraph] = [proseText(chars), paragraphText(chars)];
    const spans = sampledSpans(chars, 25, 4);
    const pacedSpans = sampledSpans(chars, 5, 300);
    const of = async (text: string, create = createOurRenderer): Promise<number> =>
      mean((await streamText(create, text, spans)).frameMs);
    const found: PathologicalRow[] = [];
    await streamText(createOurRenderer, prose);
    for (const [input, make] of Object.entries(PATHOLOGICAL)) {
      if (only !== undefined && input !== only) continue;
      const text = make(chars);
      const row = {
        input,
        prose: [],
        paragraph: [],
        ours: [],
        floor: [],
        longest: [],
        pacedProse: [],
        paced: [],
      };
      found.push(row);
      for (let round = 0; round < rounds; round += 1) await addRound(row, text);
    }
    return found;

    async function addRound(row: PathologicalRow, text: string): Promise<void> {
      row.prose.push(await of(prose));
      row.paragraph.push(await of(paragraph));
      const { frameMs } = await streamText(createOurRenderer, text, spans);
      row.ours.push(mean(frameMs));
      row.longest.push(frameMs.reduce((most, ms) => Math.max(most, ms), 0));
      row.floor.push(await of(text.replaceAll("\n", " "), createFloorRenderer));
      row.pacedProse.push(await streamPaced(createOurRenderer, prose, pacedSpans));
      row.paced.push(await streamPaced(createOurRenderer, text, pacedSpans));
    }
  },

  /** So many answers a round, each by all sides together; unit: ms. `longestWorkMs`: of each answer. `longestTaskMs`: undefined where the engine doesn't tell. */
  async persist({
    rounds,
    answers,
    chars,
    flushes,
  }: Rounds & { readonly answers: number; readonly chars: number; readonly flushes: number }) {
    const work = watchDiskWork();
    const keepers = {
      raw: await openRawPuts(false),
      behindCursor: await openRawPuts(true),
      ours: openProductStore(work.measures),
    };
    const text = mixedText(chars);
    const rows: Record<PersistSide, PersistTimes>[][] = [];
    const longestWorkMs: number[] = [];
    // The first warms up all.
    await persistTogether(keepers, text, flushes, 0);
    work.takeLongestMs();
    const tasks = watchLongTasks();
    for (let round = 0; round < rounds; round += 1) {
      const row: Record<PersistSide, PersistTimes>[] = [];
      for (let answer = 0; answer < answers; answer += 1) {
        row.push(await persistTogether(keepers, text, flushes, answer));
        longestWorkMs.push(work.takeLongestMs());
      }
      rows.push(row);
    }
    tasks.stop();
    for (const side of PERSIST_SIDES) keepers[side].close();
    return { rows, longestWorkMs, longestTaskMs: tasks.isKnown ? tasks.longestMs() : undefined };
  },
};

function bySize(
  sizes: readonly number[],
  begin: (size: number) => TextStream,
): Record<string, () => TextStream> {
  return Object.fromEntries(sizes.map((size) => [String(size), () => begin(size)]));
}

export type PageBenches = typeof PAGE_BENCHES;
export type PageBenchName = keyof PageBenches;
