/** Of the page: by day and night, on a telephone and on paper. Contrast of all text is at least 4.5 to 1 (WCAG 2.2 §1.4.3). */
export const STYLE = `
:root{color-scheme:light dark;--quiet:#5c5c5c;--ok:#1a7f37;--warn:#8a5d00;--fail:#c01c28;--unknown:#0a5fc4}
@media (prefers-color-scheme:dark){:root{--quiet:#a8a8a8;--ok:#57c477;--warn:#e0ae4a;--fail:#ff7b72;--unknown:#79b8ff}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:break-word}
h1{margin-bottom:0;line-height:1.2}h2{margin-top:2rem}.date{color:var(--quiet);margin-top:.3rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.6rem,1fr));gap:.8rem;margin:1rem 0;padding:0}
.figures div{border:1px solid #8886;border-radius:.5rem;padding:.5rem 1rem}
.figures dt{color:var(--quiet);font-size:.85rem}.figures dd{margin:0;font-size:1.8rem;font-weight:700;line-height:1.2}
.figures div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
section{border-left:.3rem solid var(--quiet);padding:.2rem 1rem;margin:1rem 0;break-inside:avoid}
section h3{margin:.2rem 0;font-size:1.05rem;line-height:1.35}section p{margin:.3rem 0}section ul{margin:.3rem 0;padding-left:1.2rem}small{font-weight:normal;color:var(--quiet)}
.remedy::before{content:"\\2192  "}.about{color:var(--quiet);font-size:.9rem}.about code{color:CanvasText}
code{font-size:.82rem;overflow-wrap:anywhere}.mark{font-weight:700}
tr.ok .mark{color:var(--ok)}.warn .mark{color:var(--warn)}.fail .mark{color:var(--fail)}.unknown .mark{color:var(--unknown)}
section.warn{border-color:var(--warn)}section.fail{border-color:var(--fail)}section.unknown{border-color:var(--unknown)}
summary{cursor:pointer;font-weight:600;margin:.5rem 0}
table{border-collapse:collapse;width:100%}
th,td{padding:.2rem .5rem;vertical-align:top;text-align:left;border-top:1px solid #8884}
th{font-size:.85rem;font-weight:normal;color:var(--quiet)}
td:nth-child(2){width:30%}td:nth-child(3){white-space:nowrap}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:40rem){
body{margin:1rem auto}h1{font-size:1.6rem}h1,h3,.about{overflow-wrap:anywhere}
table,tbody,td{display:block}thead{display:none}
tr{display:block;position:relative;padding:.3rem 0 .3rem 1.6rem;border-top:1px solid #8884}
td,td:nth-child(2),td:nth-child(3){width:auto;padding:0;border:0;white-space:normal;overflow-wrap:anywhere}
td:first-child{position:absolute;left:0}td:nth-child(3){color:var(--quiet)}
}
@media print{
body{margin:0;max-width:none;font-size:11pt}
details::details-content{content-visibility:visible;display:block;block-size:auto}
tr{break-inside:avoid}summary{list-style:none}
}
`;
