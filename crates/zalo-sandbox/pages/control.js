// The control page: clock, quotas, faults, Zalo's own tool, tokens, logs.
import { attempt, call, dmy, get, h, hm, hms, listen, now, post, readClock, t, toast, topBar } from '/_pages/common.js';

const [bar, tick] = topBar('control');
const left = h('div', { class: 'col' }), right = h('div', { class: 'col' });
document.body.append(bar, h('main', {}, left, right));
document.title = `${t('control')} · zalo-sandbox`;

const num = (e) => (e.value === '' ? undefined : Number(e.value));
const card = (title, ...children) => h('section', { class: 'card' }, h('h2', {}, title), ...children);
const small = (label, action, props = {}) => h('button', { class: 'small plain', onclick: () => attempt(action), ...props }, label);
const field = (label, input) => h('label', {}, label, input);
const wide = (e) => { e.classList.add('wide'); return e; };
const localInput = (ms) => new Date(ms + 7 * 3600000).toISOString().slice(0, 16);
const fromLocal = (text) => Date.parse(`${text}:00+07:00`);
const oaName = (id) => oas.find((o) => o.id === id)?.name || id || '–';

let oas = [], apps = [], tokens = { grants: [], access: [], refresh: [] }, users = [], health = { editions: [] };

// ---- clock ----
const clockText = h('div', { class: 'bigclock', 'data-testid': 'clock-now' }), clockMode = h('span', { class: 'pill' });
const setBox = h('input', { type: 'datetime-local', 'aria-label': t('set_to') });
const hour = 3600000;
const move = (body) => post('/clock', body).then(drawClock);
async function drawClock() {
  const c = await readClock();
  clockMode.textContent = t(c.mode === 'frozen' ? 'frozen' : 'running');
  clockMode.className = c.mode === 'frozen' ? 'pill warm' : 'pill';
  setBox.value = localInput(c.now);
  freezeButton.textContent = t(c.mode === 'frozen' ? 'run' : 'freeze');
  freezeButton.onclick = () => attempt(() => move({ frozen: c.mode !== 'frozen' }));
  tick();
  show();
}
const show = () => { clockText.textContent = `${hms(now())}  ·  ${dmy(now())}`; };
setInterval(show, 1000);
const freezeButton = h('button', { class: 'small', 'data-testid': 'clock-freeze' });
left.append(card(h('span', {}, t('clock'), ' ', clockMode), clockText,
  h('div', { class: 'line' }, [['+1 h', hour], ['+24 h', 24 * hour], ['+48 h', 48 * hour], ['+7 d', 168 * hour], ['+30 d', 720 * hour]].map(([label, ms]) => small(label, () => move({ advance_ms: ms }), { 'data-testid': `clock-${label}` })), freezeButton, small(t('reset_clock'), () => move({ reset: true }))),
  h('div', { class: 'line', style: 'margin-top:8px' }, setBox, small(t('set_to'), () => move({ set: fromLocal(setBox.value) })))));

// ---- accounts ----
const oaList = h('div');
left.append(card(h('span', {}, t('accounts')), oaList, h('div', { class: 'line' }, small(t('new_oa'), async () => { const name = window.prompt(t('new_oa'), 'Cửa hàng mới'); if (name) { await post('/oas', { name }); await loadAccounts(); } }, { 'data-testid': 'new-oa' }))));
function drawOas() {
  oaList.replaceChildren(...oas.map((oa) => {
    const p = oa.package;
    const name = h('input', { value: p.name }), used = h('input', { type: 'number', min: 0, value: p.used, 'data-testid': 'oa-used' }), total = h('input', { type: 'number', min: 0, value: p.total, 'data-testid': 'oa-total' });
    const end = h('input', { type: 'datetime-local', value: localInput(p.period_end_at) });
    const linked = h('input', { type: 'checkbox', checked: !!oa.zca, 'data-testid': 'oa-zca' }), balance = h('input', { type: 'number', value: oa.zca ? oa.zca.balance_vnd : 0, 'data-testid': 'oa-balance' });
    const edition = h('select', {}, [...health.editions, 'auto'].map((e) => h('option', { value: e, selected: e === oa.edition }, e)));
    const save = () => call('PATCH', `/oas/${oa.id}`, { edition: edition.value, package: { name: name.value === p.name ? undefined : name.value, used: num(used), total: name.value === p.name ? num(total) : undefined, period_end_at: fromLocal(end.value) }, zca: { linked: linked.checked, balance_vnd: linked.checked ? num(balance) : undefined } }).then(() => { toast(t('saved')); return loadAccounts(); });
    const share = p.total ? Math.min(100, (p.used / p.total) * 100) : 100;
    return h('div', { class: 'oabox', 'data-testid': 'oa', 'data-oa': oa.id },
      h('div', { class: 'name' }, h('img', { src: oa.avatar, alt: '' }), h('span', {}, h('b', {}, oa.name), h('small', {}, `${oa.id} · ${oa.followers} ${t('followers')} · ${oa.contacts} ${t('contacts')}`)), h('span', { class: oa.zca ? (oa.zca.balance_vnd > 0 ? 'pill' : 'pill bad') : 'pill warm' }, `ZCA ${oa.zca ? `${oa.zca.balance_vnd.toLocaleString('vi-VN')} đ` : t('zca_none')}`)),
      h('div', { class: 'line' }, h('b', { 'data-testid': 'oa-quota' }, `${p.used}/${p.total}`), h('span', { class: 'quiet' }, p.name)),
      h('div', { class: `meter${share >= 100 ? ' full' : ''}` }, h('i', { style: `width:${share}%` })),
      h('div', { class: 'fields' }, field(t('package'), name), field(t('used'), used), field(t('total'), total), wide(field(t('period_end'), end)), wide(field(t('edition'), edition)), field(t('balance'), balance), h('label', { class: 'check' }, linked, `ZCA ${t('zca_linked')}`), h('button', { class: 'small', 'data-testid': 'oa-save', onclick: () => attempt(save) }, t('save'))));
  }));
}

// ---- Zalo's own tool ----
const toolOa = h('select', { 'aria-label': 'OA', 'data-testid': 'tool-oa' }), toolUser = h('select', { 'aria-label': t('choose_user'), 'data-testid': 'tool-user' }), toolText = h('input', { placeholder: t('write'), style: 'flex:1 1 200px', 'data-testid': 'tool-text' });
const fillUsers = async () => { users = toolOa.value ? (await get(`/users?limit=300&oa_id=${toolOa.value}`)).items : []; toolUser.replaceChildren(...users.map((u) => h('option', { value: u.id }, u.name))); };
toolOa.onchange = () => attempt(fillUsers);
const toolSend = async () => { const m = await post(`/oas/${toolOa.value}/users/${toolUser.value}/tool-messages`, { text: toolText.value }); toolText.value = ''; toast(`${t('sent')}: ${m.payer}`); };
left.append(card(h('span', {}, t('tool')), h('p', { class: 'quiet', style: 'margin:-4px 0 10px' }, t('tool_hint')), h('div', { class: 'line' }, toolOa, toolUser), h('form', { class: 'line', onsubmit: (e) => { e.preventDefault(); attempt(toolSend); } }, toolText, h('button', { class: 'small', 'data-testid': 'tool-send' }, t('send')))));

// ---- people: what an OA keeps of one, and many at once ----
const personOa = h('select', { 'aria-label': 'OA', 'data-testid': 'person-oa' }), personUser = h('select', { 'aria-label': t('choose_user'), 'data-testid': 'person-user' });
const personBox = h('div'), crowd = h('input', { type: 'number', min: 1, max: 100000, value: 25000, style: 'width:110px', 'data-testid': 'crowd-size', 'aria-label': t('how_many') });
const SHARED = ['name', 'phone', 'address', 'ward', 'city', 'user_dob', 'gender'];
const fillPeople = async () => { const list = personOa.value ? (await get(`/users?limit=300&oa_id=${personOa.value}`)).items : []; personUser.replaceChildren(...list.map((u) => h('option', { value: u.id }, u.name))); await drawPerson(); };
personOa.onchange = () => attempt(fillPeople);
personUser.onchange = () => attempt(drawPerson);
async function drawPerson() {
  if (!personOa.value || !personUser.value) { personBox.replaceChildren(); return; }
  const path = `/oas/${personOa.value}/users/${personUser.value}`;
  const [c, oa] = await Promise.all([get(path), get(`/oas/${personOa.value}`)]);
  const shared = Object.fromEntries(SHARED.map((k) => [k, h('input', { value: c.shared[k] || '', 'data-testid': `person-${k}` })]));
  const written = (v) => (v === undefined ? '' : typeof v === 'string' ? v : JSON.stringify(v));
  const own = Object.fromEntries(oa.fields.map((f) => [f.key, h('input', { value: written(c.custom[f.key]), placeholder: f.data_type === 'table' ? `{"${f.keys[0]}":"…"}` : f.data_type, 'data-testid': `person-custom-${f.key}` })]));
  const value = (f, text) => (text === '' ? null : f.data_type === 'table' ? JSON.parse(text) : text);
  const save = async () => {
    const body = { shared: { ...c.shared, ...Object.fromEntries(SHARED.map((k) => [k, shared[k].value || null])) }, custom: Object.fromEntries(oa.fields.map((f) => [f.key, value(f, own[f.key].value)])) };
    await post(`${path}/details`, body);
    toast(t('saved'));
    await drawPerson();
  };
  personBox.replaceChildren(
    h('div', { class: 'line', style: 'margin:8px 0' }, h('span', { class: c.follower ? 'pill' : 'pill warm', 'data-testid': 'person-follows' }, t(c.follower ? 'follows' : 'follows_not')), c.follower ? small(t('remove_follow'), async () => { await post(`${path}/remove-follow`); await drawPerson(); }, { class: 'small bad', 'data-testid': 'person-remove' }) : null),
    h('div', { class: 'fields' }, SHARED.map((k) => field(k, shared[k])), oa.fields.map((f) => field(`${f.name} (${f.data_type})`, own[f.key])), h('button', { class: 'small', 'data-testid': 'person-save', onclick: () => attempt(save) }, t('save'))));
}
left.append(card(h('span', {}, t('people')), h('p', { class: 'quiet', style: 'margin:-4px 0 10px' }, t('people_hint')), h('div', { class: 'line' }, personOa, personUser), personBox,
  h('div', { class: 'line', style: 'margin-top:12px' }, crowd, small(t('crowd'), async () => { const made = await post('/seed/people', { oa_id: personOa.value, users: num(crowd), seed: Math.floor(Math.random() * 1e9) }); toast(`${made.users} ${t('contacts')} · ${made.followers} ${t('followers')}`); await loadAccounts(); }, { 'data-testid': 'crowd-make' }))));

// ---- faults ----
const KINDS = {
  'API · latency': (n) => ({ api: { do: 'latency', ms: n || 2000 } }), 'API · HTML 502': () => ({ api: { do: 'html', status: 502 } }), 'API · HTML 502 after processing': () => ({ api: { do: 'html_after', status: 502 } }),
  'API · reset before processing': () => ({ api: { do: 'reset' } }), 'API · process, then close': () => ({ api: { do: 'process_then_close' } }), 'API · process, then hang': () => ({ api: { do: 'process_then_hang' } }),
  'API · rate limit -32': () => ({ api: { do: 'rate_limit' } }), 'API · error code': (n) => ({ api: { do: 'error', code: n || -200 } }), 'API · token dies': () => ({ api: { do: 'expire_token' } }),
  'Webhook · duplicate': () => ({ webhook: { do: 'duplicate' } }), 'Webhook · reorder': () => ({ webhook: { do: 'reorder' } }), 'Webhook · drop': () => ({ webhook: { do: 'drop' } }), 'Webhook · delay': (n) => ({ webhook: { do: 'delay', ms: n || 5000 } }), 'Webhook · wrong signature': () => ({ webhook: { do: 'wrong_signature' } }),
};
const kind = h('select', { 'data-testid': 'fault-kind', 'aria-label': t('faults') }, Object.keys(KINDS).map((k) => h('option', { value: k }, k))), amount = h('input', { type: 'number', placeholder: 'ms / code', style: 'width:110px', 'aria-label': 'ms / code' });
const often = h('select', { 'aria-label': t('how_often') }, h('option', { value: 'next' }, t('next_n')), h('option', { value: 'probability' }, t('chance'))), times = h('input', { type: 'number', step: 'any', value: 1, style: 'width:80px', 'data-testid': 'fault-times', 'aria-label': t('how_often') });
const path = h('input', { placeholder: t('only_path'), style: 'flex:1 1 220px' }), faultOa = h('select', { 'aria-label': 'OA' }), faultList = h('div', { style: 'margin-top:10px' });
left.append(card(h('span', {}, t('faults')), h('div', { class: 'line' }, kind, amount, often, times), h('div', { class: 'line' }, path, faultOa, h('button', { class: 'small', 'data-testid': 'fault-add', onclick: () => attempt(() => post('/faults', { fault: KINDS[kind.value](num(amount)), when: { [often.value]: Number(times.value) }, path: path.value || undefined, oa_id: faultOa.value || undefined })) }, t('fault_on')), small(t('all_off'), () => call('DELETE', '/faults'))), faultList));
async function drawFaults() {
  const list = await get('/faults');
  faultList.replaceChildren(list.length ? h('table', {}, list.map((f) => h('tr', { 'data-testid': 'fault' }, h('td', { class: 'mono' }, JSON.stringify(f.fault)), h('td', {}, f.when.next !== undefined ? `${t('next_n').replace('n', f.when.next)}` : `p = ${f.when.probability}`), h('td', { class: 'mono' }, f.path || '', f.oa_id ? ` ${oaName(f.oa_id)}` : ''), h('td', { class: 'quiet' }, `${f.hits} ${t('hits')}`), h('td', {}, small('×', () => call('DELETE', `/faults/${f.id}`)))))) : h('span', { class: 'quiet' }, t('no_faults')));
}

// ---- apps and tokens ----
const appList = h('div');
left.append(card(h('span', {}, t('apps')), appList));
function drawApps() {
  appList.replaceChildren(...apps.map((a) => {
    const url = h('input', { value: a.webhook_url || '', placeholder: 'https://…/webhooks/zalo', style: 'flex:1 1 240px' });
    const rows = tokens.grants.filter((g) => g.app_id === a.id).map((g) => {
      const access = tokens.access.find((x) => x.app_id === a.id && x.oa_id === g.oa_id), refresh = tokens.refresh.find((x) => x.app_id === a.id && x.oa_id === g.oa_id);
      const life = (x, dead) => (!x ? t('none') : dead || now() >= x.expires_at ? t('dead') : `${t('alive')} ${hm(x.expires_at)} ${dmy(x.expires_at)}`);
      return h('tr', {}, h('td', {}, oaName(g.oa_id), g.revoked ? h('span', { class: 'pill bad' }, t('revoke')) : null), h('td', { class: 'quiet' }, `access: ${life(access, access?.removed)}`, h('br'), `refresh: ${life(refresh, refresh?.used)}`), h('td', {}, h('div', { class: 'line' }, small(t('expire'), () => post(`/oas/${g.oa_id}/grants/${a.id}/expire`)), small(t('expire_all'), () => post(`/oas/${g.oa_id}/grants/${a.id}/expire`, { refresh_too: true })), small(t('revoke'), () => call('DELETE', `/oas/${g.oa_id}/grants/${a.id}`), { class: 'small bad' }))));
    });
    return h('div', { class: 'oabox' }, h('div', { class: 'line' }, h('b', {}, a.name), h('span', { class: 'mono quiet' }, a.id), h('span', { class: a.webhook_enabled ? 'pill' : 'pill bad', 'data-testid': 'webhook-state' }, t(a.webhook_enabled ? 'webhook_on' : 'webhook_off')), a.webhook_off_reason ? h('span', { class: 'quiet' }, a.webhook_off_reason) : null),
      h('div', { class: 'line', style: 'margin:6px 0' }, url, small(t('save'), () => call('PATCH', `/apps/${a.id}`, { webhook_url: url.value })), a.webhook_enabled || !a.webhook_url ? null : small(t('switch_on'), () => call('PATCH', `/apps/${a.id}`, { webhook_enabled: true }))),
      rows.length ? h('table', {}, rows) : h('span', { class: 'quiet' }, t('no_tokens')));
  }));
}

// ---- switches ----
const switches = h('div', { class: 'fields', style: 'grid-template-columns:repeat(auto-fill,minmax(250px,1fr))' });
left.append(h('details', { class: 'card' }, h('summary', {}, t('switches')), switches, h('div', { class: 'line', style: 'margin-top:14px' }, small(t('reset_all'), async () => { if (window.confirm(t('sure'))) await post('/reset'); }, { class: 'small bad' }))));
async function drawSwitches() {
  const s = await get('/settings');
  const put = (name, value) => attempt(async () => { await call('PUT', '/settings', { ...s, [name]: value }); await drawSwitches(); });
  switches.replaceChildren(...Object.entries(s).map(([name, value]) => typeof value === 'boolean'
    ? h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: value, onchange: (e) => put(name, e.target.checked) }), h('span', { class: 'mono' }, name))
    : h('label', { class: 'check' }, h('input', { type: 'number', value, style: 'width:90px', onchange: (e) => put(name, Number(e.target.value)) }), h('span', { class: 'mono' }, name))));
}

// ---- logs ----
const logBox = h('div', { class: 'log', 'data-testid': 'log' }), search = h('input', { type: 'search', placeholder: t('filter'), style: 'flex:1 1 160px', 'data-testid': 'log-filter' }), logOa = h('select', { 'aria-label': 'OA' });
let tab = 'requests', entries = [];
const tabButtons = ['requests', 'webhooks'].map((name) => h('button', { role: 'tab', 'data-testid': `tab-${name}`, onclick: () => { tab = name; loadLog(); } }, t(name)));
right.append(card(h('span', {}, t('log')), h('div', { class: 'line', style: 'margin-bottom:8px' }, h('div', { class: 'tabs', role: 'tablist' }, tabButtons), search, logOa, small(t('hurry'), () => post('/webhooks/hurry'))), logBox));
search.oninput = () => { clearTimeout(search.later); search.later = setTimeout(loadLog, 250); };
logOa.onchange = () => loadLog();
const loadLog = () => attempt(async () => {
  tabButtons.forEach((b, i) => b.setAttribute('aria-selected', ['requests', 'webhooks'][i] === tab));
  entries = await get(`/${tab}?limit=150&q=${encodeURIComponent(search.value)}&oa_id=${logOa.value}`.replace('&oa_id=&', '&').replace(/&oa_id=$/, ''));
  drawLog();
});
const pretty = (text) => { try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; } };
function drawLog() {
  const open = new Set([...logBox.querySelectorAll('details[open]')].map((d) => d.dataset.id));
  logBox.replaceChildren(...(entries.length ? entries.map((e) => {
    const d = tab === 'requests' ? requestEntry(e) : webhookEntry(e);
    d.dataset.id = e.id;
    d.open = open.has(String(e.id));
    return d;
  }) : [h('p', { class: 'quiet', style: 'padding:6px' }, t('nothing_yet'))]));
}
function requestEntry(r) {
  const bad = r.error !== 0 && !(r.error === null && r.status === 200);
  return h('details', { class: 'entry' }, h('summary', {}, h('time', {}, hms(r.at)), h('span', { class: bad ? 'pill bad' : 'pill' }, r.status === 0 ? '✕' : r.error ?? r.status), h('span', { class: 'what' }, `${r.method} ${r.path}`), r.quota_type ? h('span', { class: 'pill warm' }, r.quota_type) : null, h('time', {}, `${r.took_ms} ms`)),
    h('pre', {}, [`${r.method} ${decodeURIComponent(r.path.replace(/\+/g, ' '))}`, r.oa_id ? `OA: ${oaName(r.oa_id)}` : '', r.fault ? `fault: ${r.fault}` : '', r.body ? pretty(r.body) : '', '→', pretty(r.answer)].filter(Boolean).join('\n')));
}
function webhookEntry(d) {
  const last = d.attempts[d.attempts.length - 1];
  const shade = { pending: 'pill warm', delivered: 'pill', failed: 'pill bad', dropped: 'pill bad' }[d.state];
  return h('details', { class: 'entry' }, h('summary', {}, h('time', {}, hms(d.at)), h('span', { class: shade }, d.state), h('span', { class: 'what' }, d.event_name), d.retries ? h('span', { class: 'pill warm' }, `num_retry ${d.retries}`) : null, h('time', {}, last ? last.status || last.error : '')),
    h('pre', {}, [`OA: ${oaName(d.lane.oa_id)}`, `X-ZEvent-Signature: ${d.signature}`, d.fault ? `fault: ${d.fault}` : '', pretty(d.body), ...d.attempts.map((a) => `→ ${hms(a.at)} ${a.status ?? a.error} (${a.took_ms} ms)`)].filter(Boolean).join('\n')),
    d.state === 'pending' ? null : small(t('redeliver'), () => post(`/webhooks/${d.id}/redeliver`)));
}
function logged(kindOf, entry) {
  if (tab !== kindOf || search.value || (logOa.value && logOa.value !== (entry.oa_id || entry.lane?.oa_id))) return;
  const place = entries.findIndex((e) => e.id === entry.id);
  if (place >= 0) entries[place] = entry; else entries.unshift(entry);
  entries.length = Math.min(entries.length, 150);
  clearTimeout(logged.later);
  logged.later = setTimeout(drawLog, 80);
}

async function loadAccounts() {
  [oas, apps, tokens, health] = await Promise.all([get('/oas'), get('/apps'), get('/tokens'), get('/health')]);
  const keep = (box, first) => { const value = box.value; box.replaceChildren(...(first ? [h('option', { value: '' }, t('every_oa'))] : []), ...oas.map((o) => h('option', { value: o.id }, o.name))); if ([...box.options].some((o) => o.value === value)) box.value = value; };
  keep(toolOa); keep(personOa); keep(faultOa, true); keep(logOa, true);
  // What somebody is typing into stays.
  if (!oaList.contains(document.activeElement) || !['INPUT', 'SELECT'].includes(document.activeElement.tagName)) drawOas();
  drawApps();
}
const start = () => attempt(async () => { await drawClock(); await loadAccounts(); await Promise.all([fillUsers(), fillPeople(), drawFaults(), drawSwitches(), loadLog()]); });
const soon = (f, key) => { clearTimeout(soon[key]); soon[key] = setTimeout(() => attempt(f), 150); };
listen((e) => {
  if (e.type === 'request') logged('requests', e.data);
  else if (e.type === 'delivery') logged('webhooks', e.data);
  else if (e.type === 'clock') { soon(drawClock, 'clock'); soon(loadAccounts, 'accounts'); }
  else if (e.type === 'faults') soon(drawFaults, 'faults');
  else if (['oa', 'app', 'tokens'].includes(e.type)) soon(loadAccounts, 'accounts');
}, start);
await start();
