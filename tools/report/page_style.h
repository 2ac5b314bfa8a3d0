#pragma once

namespace brownout {

/// Style sheet of every page, but for the colours of the curves.
constexpr const char* kPageStyle = R"css(
:root{--paper:#fff;--card:#f7f7f5;--ink:#1d2024;--faint:#5c636b;--line:#d9d9d4;--accent:#0072b2}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:1.5rem clamp(.9rem,4vw,2.5rem) 3rem;max-width:72rem;background:var(--paper);
 color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;
 overflow-wrap:break-word}
h1{font-size:clamp(1.5rem,5vw,2.1rem);line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.25rem;line-height:1.3;margin:2.4rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--line)}
h3{font-size:1.02rem;margin:1.4rem 0 .3rem}
p,ul{margin:.5rem 0;max-width:50rem}
li{margin:.25rem 0}
.lead{color:var(--faint)}
.notice{border-left:4px solid #d55e00;padding:.3rem .8rem;background:var(--card)}
.plots{display:grid;gap:1.2rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
figure{margin:0;padding:.8rem;background:var(--card);border:1px solid var(--line);border-radius:.6rem}
figure h3{margin:0 0 .3rem}
figure svg,figure img{display:block;width:100%;height:auto}
figure img{max-width:40rem;margin:.4rem auto;background:#fff;border-radius:.3rem}
figcaption{font-size:.88rem;color:var(--faint);margin-top:.5rem}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:.2rem 0;padding:0;font-size:.9rem}
.legend li{margin:0}
.key{display:inline-block;width:.8em;height:.8em;border-radius:.15em;margin:0 .3em 0 .7em;vertical-align:-.05em}
.scroll{overflow-x:auto;margin:.5rem 0;border:1px solid var(--line);border-radius:.5rem}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{padding:.36rem .55rem;text-align:right;white-space:nowrap}
thead th{background:var(--card);font-weight:600;white-space:normal;vertical-align:bottom;border-bottom:1px solid var(--line)}
tbody tr+tr>*{border-top:1px solid var(--line)}
tbody th{font-weight:600}
table.named th:first-child{text-align:left}
table.words td,table.words th{text-align:left}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25rem 1.2rem;margin:.6rem 0}
dt{color:var(--faint)}
dd{margin:0}
pre,code{font:.86rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem;margin:.5rem 0;
 white-space:pre-wrap;overflow-wrap:anywhere}
details pre{white-space:pre;overflow-x:auto}
summary{cursor:pointer;color:var(--accent)}
.print{overflow-wrap:anywhere}
footer{margin-top:2.5rem;color:var(--faint);font-size:.88rem}
@media (max-width:34rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}figure{padding:.5rem}}
)css";

/// Colours of a dark screen, as declarations of CSS custom properties.
constexpr const char* kPageDarkColours =
    "--paper:#15181c;--card:#1c2026;--ink:#e6e8ea;--faint:#a0a8b0;--line:#343a42;--accent:#4aa8e0;";

/// Style sheet for print: black on white whatever the screen shows, nothing cut at the edge or torn
/// between pages.
constexpr const char* kPagePrintStyle = R"css(
@media print{
 @page{margin:14mm}
 html{font-size:9.5pt}body{padding:0;max-width:none}
 h2{break-after:avoid;margin-top:1.4rem}h3{break-after:avoid}
 figure,tr,dl,pre{break-inside:avoid}
 figure{background:none}
 .plots{grid-template-columns:1fr 1fr;gap:.6rem}
 .scroll{overflow:visible}
 table{font-size:7.6pt}th,td{padding:.2rem .35rem}
 figure img{max-width:80%}
 details{display:none}
 *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
)css";

}  // namespace brownout
