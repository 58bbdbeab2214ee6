import type { Language } from "../../journal/words/language.ts";
import { domainBelow } from "../asked-domain.ts";
import type { MailSettings } from "../mail-settings.ts";
import { content, HTML, noSuchPage, type WebRequest, type WebResponse } from "../request.ts";
import type { WebRooms } from "../rooms.ts";
import { languageOf, PAGE } from "../words/page.ts";
import { escapeXml } from "../xml.ts";

/** The settings for people who enter them by hand. */
export async function page(
  { host, acceptLanguage }: WebRequest,
  { settings }: WebRooms,
): Promise<WebResponse> {
  if (domainBelow(host, "mta-sts.") !== undefined) return noSuchPage;
  const language = languageOf(acceptLanguage);
  return {
    ...content(HTML, html(settings, language)),
    headers: { "content-language": language, vary: "accept-language" },
  };
}

function html({ hostName, services }: MailSettings, language: Language): string {
  const say = (key: keyof typeof PAGE): string => escapeXml(PAGE[key][language]);
  const rows = services.map(
    ({ kind, security, port }) =>
      `<tr><td>${say(kind)}</td><td><code>${escapeXml(hostName)}</code></td><td>${port}</td><td>${say(security)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${say("title")}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>${say("title")}</h1>
<p>${say("intro")}</p>
<table>
<thead><tr><th>${say("use")}</th><th>${say("server")}</th><th>${say("port")}</th><th>${say("security")}</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
<p>${say("login")}</p>
<h2>${say("apple")}</h2>
<p>${say("appleHelp")}</p>
<form action="/mail.mobileconfig" method="get">
<label>${say("address")} <input type="email" name="email" required maxlength="254" autocomplete="email"></label>
<button>${say("download")}</button>
</form>
</main>
</body>
</html>
`;
}

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0}
main{max-width:44rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8886}
input,button{font:inherit;padding:.3rem .5rem}
`;

export const style = async (): Promise<WebResponse> => ({
  ...content("text/css; charset=utf-8", STYLE),
  headers: { "cache-control": "max-age=3600" },
});
