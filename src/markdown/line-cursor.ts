const TAB_WIDTH = 4;

/** A place in a line, with tabs counted as the specification has them: to the next multiple of four columns. [CommonMark 2.2] */
export class LineCursor {
  line = "";
  offset = 0;
  column = 0;
  /** Where the next character that is neither space nor tab stands; the line's length where there is none. */
  nextOffset = 0;
  nextColumn = 0;
  /** Columns from here to there. */
  indent = 0;
  isBlank = false;
  /** Some columns of the tab at `offset` are used up. */
  #isInTab = false;

  reset(line: string): void {
    this.line = line;
    this.offset = 0;
    this.column = 0;
    this.#isInTab = false;
    this.findNext();
  }

  findNext(): void {
    let offset = this.offset;
    let column = this.column;
    for (; offset < this.line.length; offset += 1) {
      const code = this.line.charCodeAt(offset);
      if (code === 32) column += 1;
      else if (code === 9) column += TAB_WIDTH - (column % TAB_WIDTH);
      else break;
    }
    this.nextOffset = offset;
    this.nextColumn = column;
    this.indent = column - this.column;
    this.isBlank = offset === this.line.length;
  }

  advanceToNext(): void {
    this.offset = this.nextOffset;
    this.column = this.nextColumn;
    this.#isInTab = false;
    this.indent = 0;
  }

  advanceOffset(count: number): void {
    for (let left = count; left > 0 && this.offset < this.line.length; left -= 1) {
      const isTab = this.line.charCodeAt(this.offset) === 9;
      this.column += isTab ? TAB_WIDTH - (this.column % TAB_WIDTH) : 1;
      this.offset += 1;
      this.#isInTab = false;
    }
    this.findNext();
  }

  advanceColumns(count: number): void {
    let left = count;
    while (left > 0 && this.offset < this.line.length) {
      if (this.line.charCodeAt(this.offset) === 9) {
        const toTabStop = TAB_WIDTH - (this.column % TAB_WIDTH);
        this.#isInTab = toTabStop > left;
        const step = Math.min(left, toTabStop);
        this.column += step;
        if (!this.#isInTab) this.offset += 1;
        left -= step;
      } else {
        this.#isInTab = false;
        this.offset += 1;
        this.column += 1;
        left -= 1;
      }
    }
    this.findNext();
  }

  /** One column, when a space or tab stands here. */
  skipSpace(): void {
    const code = this.line.charCodeAt(this.offset);
    if (code === 32 || code === 9) this.advanceColumns(1);
  }

  /** What begins at the next character that is no space. */
  get text(): string {
    return this.line.slice(this.nextOffset);
  }

  /** All that is left, the columns of a tab that are not used up as spaces. */
  get rest(): string {
    if (!this.#isInTab) return this.line.slice(this.offset);
    return " ".repeat(TAB_WIDTH - (this.column % TAB_WIDTH)) + this.line.slice(this.offset + 1);
  }
}
