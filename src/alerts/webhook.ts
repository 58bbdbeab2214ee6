import type { Language } from "../journal/words/language.ts";
import type { AlertChange } from "./book.ts";
import { headline, paragraph } from "./letter.ts";

export type WebhookFormat = "json" | "ntfy";
export type Post = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** What is posted: one JSON object, or the text and priority ntfy shows on a telephone. */
export function webhookPost(
  format: WebhookFormat,
  changes: readonly AlertChange[],
  hostName: string,
  language: Language,
): Post {
  if (format === "ntfy") {
    const isUrgent = changes.some(({ state, alert }) => state === "raised" && alert.urgent);
    return {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        title: hostName,
        priority: isUrgent ? "urgent" : "default",
      },
      body: changes.map((change) => paragraph(change, language)).join("\n\n"),
    };
  }
  const alerts = changes.map((change) => ({
    state: change.state,
    id: change.alert.id,
    kind: change.alert.kind,
    urgent: change.alert.urgent,
    summary: headline(change, language),
    text: paragraph(change, language),
  }));
  // `text` by itself is what chat programs show.
  const text = alerts.map((alert) => alert.text).join("\n\n");
  return {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ server: hostName, text, alerts }),
  };
}
