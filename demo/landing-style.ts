/** How the landing page looks: the console's colours, one column on a phone. */
export const landingStyle = `
:root{--ground:#f6f5f1;--surface:#fff;--line:#e7e4db;--ink:#1f2a25;--ink2:#52605a;--ink3:#66726c;--accent:#2c7a57;--deep:#1f5c41;--soft:#e6f2eb;
font-family:'PingFang SC','Hiragino Sans GB','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',system-ui,-apple-system,'Segoe UI',sans-serif}
*{box-sizing:border-box}
body{margin:0;background:radial-gradient(1100px 520px at 85% -10%,#dfeee5 0,transparent 70%),radial-gradient(800px 480px at -10% 20%,#fbeee1 0,transparent 65%),var(--ground);color:var(--ink);line-height:1.7;font-size:16px;min-height:100vh;display:flex;flex-direction:column}
i{font-style:normal;color:var(--ink3);font-weight:400}
main,.top,footer{width:100%;max-width:1120px;margin:0 auto;padding:0 24px}
.top{display:flex;align-items:center;gap:12px;padding-top:28px}
.logo{width:40px;height:40px;border-radius:12px;background:var(--accent);display:grid;place-items:center}
.logo svg{width:28px;height:28px;fill:none;stroke:#fff;stroke-width:3;stroke-linecap:round;stroke-linejoin:round}
.name{font-size:20px;font-weight:600;letter-spacing:.02em}
.tag{margin-left:auto;border:1px solid var(--line);background:var(--surface);border-radius:99px;padding:2px 14px;font-size:13px;color:var(--ink2)}
.hero{padding:64px 0 40px;max-width:760px}
h1{font-size:clamp(34px,6vw,56px);line-height:1.2;margin:0 0 24px;letter-spacing:.01em;font-weight:700}
.lead{font-size:19px;margin:0 0 8px;color:var(--ink)}
.en{color:var(--ink3);font-size:.86em;display:block}
.lead.en{font-size:16px;color:var(--ink2)}
.note{margin:24px 0 0;padding:12px 16px;border-left:3px solid var(--accent);background:rgb(255 255 255/60%);border-radius:0 8px 8px 0;font-size:15px;color:var(--ink2)}
.entries{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:20px}
.card{position:relative;display:flex;flex-direction:column;gap:6px;background:var(--surface);border:1px solid var(--line);border-radius:16px;padding:24px 24px 56px;color:inherit;text-decoration:none;box-shadow:0 1px 2px rgb(31 42 37/5%),0 8px 24px rgb(31 42 37/5%);transition:transform .15s,box-shadow .15s,border-color .15s}
.card:hover{transform:translateY(-3px);border-color:#bfdccc;box-shadow:0 2px 4px rgb(31 42 37/6%),0 16px 40px rgb(31 42 37/10%)}
.card:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
.card svg{width:48px;height:48px;padding:8px;border-radius:12px;background:var(--soft);fill:none;stroke:var(--accent);stroke-width:2.6;stroke-linecap:round;stroke-linejoin:round;margin-bottom:8px}
.card strong{font-size:19px}
.card strong i{font-size:14px;margin-left:4px}
.card span{color:var(--ink2);font-size:15px}
.card .en{color:var(--ink3);font-size:13.5px}
.go{position:absolute;right:24px;bottom:16px;font-size:22px;color:var(--accent)}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:40px;padding:56px 0}
h2{font-size:20px;margin:0 0 16px}
h2 i{font-size:15px;margin-left:6px}
.steps{list-style:none;counter-reset:step;margin:0;padding:0;display:grid;gap:16px}
.steps li{counter-increment:step;position:relative;padding-left:48px}
.steps li::before{content:counter(step);position:absolute;left:0;top:2px;width:32px;height:32px;border-radius:50%;background:var(--soft);color:var(--deep);display:grid;place-items:center;font-weight:600}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em;background:var(--ground);border:1px solid var(--line);border-radius:6px;padding:2px 7px;user-select:all;white-space:nowrap}
code.long{white-space:normal;word-break:break-all}
h2.next{margin-top:32px}
table{width:100%;border-collapse:collapse;background:var(--surface);border:1px solid var(--line);border-radius:12px;overflow:hidden;font-size:15px}
th{text-align:left;font-weight:500;font-size:13px;color:var(--ink2);background:#faf9f6}
th,td{padding:10px 14px;border-bottom:1px solid var(--line)}
tr:last-child td{border-bottom:0}
td small{display:block;color:var(--ink3);font-size:12.5px;line-height:1.3}
footer{margin-top:auto;padding-top:24px;padding-bottom:32px;color:var(--ink3);font-size:13.5px}
@media (max-width:820px){.columns{grid-template-columns:1fr;gap:32px;padding:40px 0}.hero{padding:40px 0 32px}}
@media (max-width:480px){main,.top,footer{padding-left:16px;padding-right:16px}th,td{padding:8px}.lead{font-size:17px}table{font-size:14px}td i{display:block}}
@media (prefers-reduced-motion:reduce){.card{transition:none}}
`;
