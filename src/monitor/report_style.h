// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate {

/// The look of the report: light and dark, on a phone, on paper.
inline constexpr const char *kReportStyle = R"css(
:root{color-scheme:light dark;--back:#f5f7fa;--paper:#fff;--ink:#1b2733;--soft:#5b6b7b;--rule:#dde4ec;--accent:#2563b8;--good:#1a7f4b;--bad:#b3261e;
--filling:#2563b8;--indexing:#7a4fbf;--validating:#0e7c86;--verifying:#1a7f4b;--publishing:#b8860b;--ready:#8fa3b8;--paused:#d98a1f;--failed:#b3261e}
@media(prefers-color-scheme:dark){:root{--back:#10161d;--paper:#18212b;--ink:#e4ebf2;--soft:#94a5b6;--rule:#2b3846;--accent:#6fa8f0;--good:#5cc98d;--bad:#ff8a80;
--filling:#4c8de0;--indexing:#9b78dc;--validating:#2fa5b0;--verifying:#3fa873;--publishing:#c99a2a;--ready:#5a6b7d;--paused:#d98a1f;--failed:#d6534a}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:960px;margin:0 auto;padding:24px 16px 48px}
header p{margin:4px 0;color:var(--soft)}header p b{color:var(--ink)}
h1{font-size:1.9rem;line-height:1.2;margin:4px 0 8px;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:0 0 10px}
.over{text-transform:uppercase;letter-spacing:.06em;font-size:.78rem}
.badge{display:inline-block;vertical-align:middle;font-size:.85rem;font-weight:600;padding:3px 12px;border-radius:999px;color:#fff;background:var(--filling)}
.badge.indexing{background:var(--indexing)}.badge.validating{background:var(--validating)}.badge.verifying{background:var(--verifying)}
.badge.ready,.badge.completed{background:#1a7f4b}.badge.paused{background:#a8640a}.badge.failed{background:#b3261e}
.bar{height:12px;border-radius:6px;background:var(--rule);overflow:hidden;margin:16px 0}
.bar div{height:100%;background:var(--accent);border-radius:6px}.bar.thin{height:8px;margin:0;min-width:80px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(136px,1fr));gap:12px;margin:0 0 16px}
.card,section,.failure{background:var(--paper);border:1px solid var(--rule);border-radius:10px}
.card{padding:12px 14px}.card dt{color:var(--soft);font-size:.8rem}.card dd{margin:2px 0 0;font-size:1.25rem;font-weight:650;font-variant-numeric:tabular-nums;white-space:nowrap}
.card small{display:block;white-space:normal;font-size:.75rem;font-weight:400;color:var(--soft)}
section{padding:16px 18px;margin:0 0 16px}
.failure{padding:4px 18px;margin:16px 0;border-color:var(--bad);border-left-width:6px;overflow-wrap:anywhere}.failure b{color:var(--bad)}
.remark{margin:-6px 0 10px;color:var(--soft);font-size:.88rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid var(--rule)}
th{color:var(--soft);font-weight:600;white-space:nowrap}tbody tr:last-child td{border-bottom:0}
code{font:.82rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.name{overflow-wrap:normal}
.yes{color:var(--good);white-space:nowrap}.no{color:var(--bad);white-space:nowrap}
svg{display:block;width:100%;height:auto;margin:0 0 8px}
svg text{font:11px system-ui,sans-serif;fill:var(--soft)}svg text.on{fill:#fff;font-weight:600}
.grid{stroke:var(--rule)}.line{fill:none;stroke-width:2}.line.filled{stroke:var(--filling)}.line.verified{stroke:var(--verifying)}
.area.filled{fill:var(--filling);fill-opacity:.22}.area.verified{fill:var(--verifying)}
.span,.dot{fill:var(--ready);background:var(--ready)}
.filling{--c:var(--filling)}.indexing{--c:var(--indexing)}.validating{--c:var(--validating)}.verifying{--c:var(--verifying)}
.publishing{--c:var(--publishing)}.ready{--c:var(--ready)}.paused{--c:var(--paused)}.failed{--c:var(--failed)}
.span{fill:var(--c)}.dot{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:8px;background:var(--c)}
footer{color:var(--soft);font-size:.8rem;text-align:center}
@media(max-width:640px){main{padding:16px 10px 32px}h1{font-size:1.45rem}section{padding:14px 12px}.cards{grid-template-columns:1fr 1fr}.card dd{font-size:1.1rem}
.chart svg,.many{min-width:620px}svg text{font-size:13px}.plan td:nth-child(2){min-width:300px}}
@media print{:root{--back:#fff;--rule:#ccc}body{font-size:11pt}main{max-width:none;padding:0}section,.card{break-inside:avoid;border-color:#ccc}
section:has(tr:nth-child(12)){break-inside:auto}tr{break-inside:avoid}.wide{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

}  // namespace pgmigrate
