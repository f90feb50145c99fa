import { expect, type Locator, type Page } from "@playwright/test";

/** The page as its user sees it. */
export class ChatPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get message(): Locator {
    return this.page.getByRole("textbox", { name: "Message" });
  }

  get answers(): Locator {
    return this.page.getByRole("log", { name: "Conversation" }).getByRole("article", { name: "Answer" });
  }

  get connection(): Locator {
    return this.page.getByRole("status", { name: "Connection" });
  }

  get sessions(): Locator {
    return this.page.getByRole("navigation", { name: "Sessions" });
  }

  /** The text of the answer of that place in the conversation; the last one by default. */
  answerText(index = -1): Locator {
    const answer = index < 0 ? this.answers.last() : this.answers.nth(index);
    return answer.locator('[data-part="text"]');
  }

  async open(path = "/"): Promise<void> {
    await this.page.goto(path);
    await expect(this.message).toBeVisible();
  }

  /** Begins a session with a first message; answers its id. */
  async begin(text: string): Promise<string> {
    await this.page.getByRole("button", { name: "New session" }).click();
    await expect(this.page).toHaveURL(/\/(?:$|\?|new)/);
    await this.send(text);
    await expect(this.page).toHaveURL(/\/s\/[0-9a-f-]{36}$/);
    return this.sessionId();
  }

  sessionId(): string {
    return /\/s\/([0-9a-f-]{36})/.exec(this.page.url())?.[1] ?? "";
  }

  async send(text: string): Promise<void> {
    await this.message.fill(text);
    await this.page.getByRole("button", { name: "Send", exact: true }).click();
  }

  /** Sends beside what is running instead of after it. */
  async askBeside(text: string): Promise<void> {
    await this.message.fill(text);
    await this.page.getByRole("button", { name: "How to deliver it" }).click();
    await this.page.getByRole("menuitem", { name: /^Ask beside/ }).click();
  }

  async deleteSession(title: string): Promise<void> {
    const row = this.sessions
      .getByRole("listitem")
      .filter({ has: this.page.getByRole("link", { name: title }) });
    await row.hover();
    await row.getByRole("button", { name: "Session options" }).click();
    await this.page.getByRole("menuitem", { name: "Delete" }).click();
  }

  async switchTo(session: string): Promise<void> {
    await this.sessions.locator(`a[href="/s/${session}"]`).click();
    await expect(this.page).toHaveURL(new RegExp(`/s/${session}$`));
  }
}
