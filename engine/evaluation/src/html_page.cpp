#include "html_page.h"

#include "report_text.h"
#include "visema/core/version.h"

namespace visema {
namespace {

// Two data colours, told apart by lightness too; all text has a contrast of 4.5 and more.
constexpr const char* kStyle = R"(
:root{--ink:#1b2430;--soft:#5a6675;--page:#fbfbf9;--card:#fff;--rule:#dfe3e8;--a:#0b5fa8;--b:#b4570b;
--band:#c9d2dc;--bad:#b3261e;--badpage:#fdeceb;--good:#1f6f43}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#a3aebb;--page:#14181d;--card:#1c2127;
--rule:#323a44;--a:#6db3f2;--b:#f0a35e;--band:#3a444f;--bad:#ff8a80;--badpage:#3a2022;--good:#7fd0a0}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:24px;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:17px;margin:36px 0 10px}
p.facts,p.note,figcaption,footer{color:var(--soft);margin:0 0 6px;font-size:14px}
ul.strip{list-style:none;margin:18px 0 0;padding:0}
ul.strip li{border-left:4px solid var(--rule);background:var(--card);padding:7px 12px;margin:0 0 6px}
ul.strip li.fail{border-color:var(--bad);background:var(--badpage)}
ul.strip li.hold{border-color:var(--good)}
ul.strip li.warn{border-color:var(--b)}
.scroll{overflow-x:auto;border:1px solid var(--rule);background:var(--card)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:5px 12px;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}
thead th{position:sticky;top:0;background:var(--card);border-bottom:2px solid var(--rule);
font-weight:600;font-size:13px}
tbody tr{border-top:1px solid var(--rule)}
tr.group th{padding-top:16px;font-size:13px;letter-spacing:.04em;color:var(--soft)}
td.real,td.soft,.soft{color:var(--soft)}
td.worst{color:var(--bad);font-weight:600}
.arrow{color:var(--soft);font-size:12px}
figure{margin:0 0 18px;background:var(--card);border:1px solid var(--rule);padding:12px 12px 8px}
svg{display:block;width:100%;height:auto}
svg text{font:12px system-ui,sans-serif;fill:var(--soft)}
.grid{stroke:var(--rule);stroke-width:1}
.mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}
.band{fill:var(--band)}
.bar{fill:var(--a)}.bar.off{fill:var(--b)}
.key{display:inline-block;width:22px;height:0;border-top:3px solid;vertical-align:middle;margin:0 6px 0 12px}
.key.a{border-color:var(--a)}.key.b{border-color:var(--b)}
.key.band{border-top:10px solid var(--band)}
.frames{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:14px}
.pair{display:flex;gap:6px}.pair img{width:50%;height:auto;display:block}.pair img:only-child{width:100%}
footer{margin-top:40px;overflow-wrap:anywhere}
@media(max-width:640px){main{padding:18px 12px 40px}.wide{display:none}th,td{padding:5px 8px}}
)";

}  // namespace

std::string html_page(const std::string& title, const std::string& body) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
         escape_markup(title) + "</title>\n<style>" + kStyle +
         "</style>\n</head>\n<body>\n<main>\n" + body + "</main>\n</body>\n</html>\n";
}

}  // namespace visema
