const TAB = 9;
const TAB_WIDTH = 4;

/** A place in a line, with tabs counted as the specification has them: to the next multiple of four columns. [CommonMark 2.2] */
export class LineCursor {
  /** Columns from here to the next character that is neither space nor tab. */
  indent = 0;
  isBlank = false;
  /** What begins at that character. */
  text = "";
  #line = "";
  #offset = 0;
  #column = 0;
  /** Some columns of the tab at the offset are used up. */
  #isInTab = false;

  reset(line: string): void {
    this.#line = line;
    this.#offset = 0;
    this.#column = 0;
    this.#isInTab = false;
    this.advance(0);
  }

  /** Past so many columns, or to the end of the line. */
  advance(columns: number): void {
    for (let left = columns; left > 0 && this.#offset < this.#line.length;) {
      const width = this.#width;
      const step = Math.min(left, width);
      this.#isInTab = step < width;
      this.#column += step;
      if (!this.#isInTab) this.#offset += 1;
      left -= step;
    }
    let next = this.#offset;
    let column = this.#column;
    for (
      let code = this.#line.charCodeAt(next);
      code === 32 || code === TAB;
      code = this.#line.charCodeAt(next)
    ) {
      column += code === TAB ? TAB_WIDTH - (column % TAB_WIDTH) : 1;
      next += 1;
    }
    this.indent = column - this.#column;
    this.isBlank = next === this.#line.length;
    this.text = this.#line.slice(next);
  }

  /** Past the spaces here, and a marker that has no tab in it. */
  advanceOver(marker: string): void {
    this.advance(this.indent);
    this.advance(marker.length);
  }

  /** All that is left, the columns of a tab that are not used up as spaces. */
  get rest(): string {
    const spaces = this.#isInTab ? this.#width : 0;
    return " ".repeat(spaces) + this.#line.slice(this.#offset + (spaces > 0 ? 1 : 0));
  }

  /** Of the character here. Unit: columns. */
  get #width(): number {
    return this.#line.charCodeAt(this.#offset) === TAB ? TAB_WIDTH - (this.#column % TAB_WIDTH) : 1;
  }
}
