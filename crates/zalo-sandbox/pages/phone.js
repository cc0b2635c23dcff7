// The phone page: several customers side by side, each chatting with an OA.
import { attempt, call, dayName, get, h, hm, lang, listen, now, post, readClock, t, toast, topBar } from '/_pages/common.js';
import { ICONS, content, preview, reactions } from '/_pages/render.js';

const [bar, tick] = topBar('phones');
const table = h('main', { class: 'table' });
const adder = h('div', { class: 'adder' });
document.body.append(bar, adder, table);
document.title = `${t('phones')} · zalo-sandbox`;

let oas = [], phones = [], stickers = [];
const svg = (d) => { const s = h('span'); s.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${d}"/></svg>`; return s.firstChild; };
const GLYPH = { send: 'M4 12L20 4l-4 16-4-7z M12 13L20 4', plus: 'M12 5v14M5 12h14', smile: 'M12 21a9 9 0 1 0 0-18a9 9 0 0 0 0 18zM8.5 14q3.5 4 7 0M9 9.5v.1M15 9.5v.1', dots: 'M12 5.5h.01M12 12h.01M12 18.5h.01', power: 'M12 4v8M7 7a7 7 0 1 0 10 0', x: 'M6 6l12 12M18 6L6 18' };

const at = (p, rest = '') => `/oas/${encodeURIComponent(p.oa)}/users/${encodeURIComponent(p.user)}${rest}`;

class Phone {
  constructor(oa, user) {
    Object.assign(this, { oa, user, messages: new Map(), more: false, contact: null, on: true, quoting: null });
    this.thread = h('div', { class: 'thread', 'data-testid': 'phone-thread', tabindex: '0' });
    this.head = h('div', { class: 'head' });
    this.owner = h('div', { class: 'owner' });
    this.foot = h('div', { class: 'composer' });
    this.screen = h('div', { class: 'screen' }, this.owner, this.head, this.thread, this.foot);
    this.root = h('section', { class: 'phone', 'data-testid': 'phone', 'data-oa': oa, 'data-user': user }, this.screen);
    this.root.addEventListener('click', (e) => { if (!e.target.closest('.pop,.opens')) this.close(); });
    this.root.addEventListener('keydown', (e) => { if (e.key === 'Escape') this.close(); });
    this.drawComposer();
  }
  async load() {
    this.contact = await get(at(this));
    this.user = this.contact.user_id;
    this.root.dataset.user = this.user;
    const part = await get(at(this, '/messages?limit=40'));
    this.messages = new Map(part.items.map((m) => [m.id, m]));
    this.more = part.more;
    this.draw();
    this.see();
  }
  async older() {
    const first = this.sorted()[0];
    const part = await get(at(this, `/messages?limit=40&before=${first.id}`));
    const bottom = this.thread.scrollHeight - this.thread.scrollTop;
    part.items.forEach((m) => this.messages.set(m.id, m));
    this.more = part.more;
    this.drawThread(false);
    this.thread.scrollTop = this.thread.scrollHeight - bottom;
  }
  sorted() { return [...this.messages.values()].filter((m) => !m.hidden).sort((a, b) => a.at - b.at || a.seq - b.seq); }
  /** What arrives while the screen is on is seen. */
  see() {
    if (!this.on || document.hidden) return;
    if ([...this.messages.values()].some((m) => m.author.by !== 'user' && !m.seen_at)) attempt(() => post(at(this, '/open')));
  }
  got(message) {
    const fresh = !this.messages.has(message.id);
    this.messages.set(message.id, message);
    this.drawThread(fresh);
    if (fresh) this.see();
  }
  draw() {
    const c = this.contact, oa = oas.find((o) => o.id === this.oa) || { name: this.oa };
    this.owner.replaceChildren(h('img', { src: c.avatar, alt: '' }), h('b', { 'data-testid': 'phone-owner' }, c.name), h('span', { class: 'spacer' }),
      h('button', { class: 'icon', title: t('screen_off'), 'aria-label': t('screen_off'), 'data-testid': 'phone-power', onclick: () => this.power(false) }, svg(GLYPH.power)),
      h('button', { class: 'icon', title: t('close_phone'), 'aria-label': t('close_phone'), onclick: () => remove(this) }, svg(GLYPH.x)));
    this.head.replaceChildren(...[h('img', { src: oa.avatar, alt: '' }),
      h('div', { class: 'title' }, h('b', {}, oa.name), h('small', {}, 'Official Account')),
      c.follower ? null : h('button', { class: 'follow', 'data-testid': 'phone-follow', onclick: () => attempt(() => post(at(this, '/follow'))) }, t('follow')),
      h('button', { class: 'icon opens', 'aria-label': t('more'), 'data-testid': 'phone-menu', onclick: () => this.menu() }, svg(GLYPH.dots))].filter(Boolean));
    this.drawThread(true);
    this.drawComposer();
  }
  drawThread(toEnd) {
    const atEnd = toEnd || this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight < 60;
    const rows = [];
    if (this.more) rows.push(h('button', { class: 'plain', style: 'align-self:center;font-size:.82rem', onclick: () => attempt(() => this.older()) }, t('older')));
    let day = '', before = null;
    const all = this.sorted();
    for (const m of all) {
      const name = dayName(m.at);
      if (name !== day) rows.push(h('div', { class: 'day' }, name));
      rows.push(this.row(m, before, name !== day));
      day = name;
      before = m;
    }
    if (!all.length) rows.push(h('p', { class: 'hint' }, t('empty_thread')));
    this.thread.replaceChildren(...rows);
    if (!atEnd) return;
    const toBottom = () => { this.thread.scrollTop = this.thread.scrollHeight; };
    requestAnimationFrame(toBottom);
    // Pictures get their height when they arrive.
    this.thread.querySelectorAll('img').forEach((i) => i.complete || i.addEventListener('load', toBottom, { once: true }));
  }
  row(m, before, newDay) {
    const mine = m.author.by === 'user';
    const turn = newDay || !before || (before.author.by === 'user') !== mine || m.at - before.at > 300000;
    const quoted = m.quoted_id && this.messages.get(m.quoted_id);
    const tap = (a) => attempt(async () => {
      if (a.kind === 'oa.open.url') window.open(a.value, '_blank', 'noopener');
      else if (a.kind.startsWith('oa.query')) await post(at(this, '/tap'), { kind: a.kind, value: a.value });
      else toast(`${a.title}: ${a.value}`);
    });
    const bubble = h('div', { class: m.kind === 'sticker' || (['image', 'gif'].includes(m.kind) && !m.text && !m.quoted_id) ? 'bubble bare' : 'bubble' }, m.quoted_id ? h('div', { class: 'quote' }, quoted ? preview(quoted) : '…') : null, ...content(m, { tap, info: () => this.info() }));
    const row = h('div', { class: `row${mine ? ' mine' : ''}${turn ? ' turn' : ''}`, 'data-testid': 'phone-message', 'data-id': m.id, 'data-by': m.author.by, 'data-kind': m.kind }, bubble, reactions(m),
      turn || m.author.by === 'tool' ? h('span', { class: 'meta' }, h('time', {}, hm(m.at)), m.author.by === 'tool' ? h('span', {}, t('from_tool')) : null) : null);
    let held;
    const open = (e) => { e?.preventDefault?.(); this.choose(m, row); };
    bubble.addEventListener('contextmenu', open);
    bubble.addEventListener('dblclick', open);
    bubble.addEventListener('touchstart', () => { held = setTimeout(open, 500); }, { passive: true });
    for (const end of ['touchend', 'touchmove']) bubble.addEventListener(end, () => clearTimeout(held), { passive: true });
    bubble.title = `${dayName(m.at)} ${hm(m.at)}`;
    return row;
  }
  close() { this.screen.querySelectorAll('.pop').forEach((p) => p.remove()); }
  pop(kind, ...children) { this.close(); const p = h('div', { class: `pop ${kind}` }, ...children); this.screen.append(p); p.querySelector('button')?.focus(); return p; }
  item(label, action, testid) { return h('button', { 'data-testid': testid, onclick: () => { this.close(); attempt(action); } }, label); }
  choose(m, row) {
    const react = (icon) => attempt(async () => { this.close(); await post(at(this, '/reactions'), { message_id: m.id, icon }); });
    const p = this.pop('react', h('div', { class: 'icons' }, Object.entries(ICONS).map(([code, icon]) => h('button', { 'aria-label': code, 'data-testid': 'react', 'data-icon': code, onclick: () => react(code) }, icon))),
      this.item(t('reply'), () => { this.quoting = m; this.drawComposer(); this.input.focus(); }, 'quote'),
      (m.reactions || []).some((r) => !r.by_oa) ? this.item(t('remove_reaction'), () => react('/-remove')) : null);
    const box = row.getBoundingClientRect(), screen = this.screen.getBoundingClientRect();
    p.style.top = `${Math.min(Math.max(70, box.top - screen.top - 20), screen.height - 170)}px`;
    p.style[m.author.by === 'user' ? 'right' : 'left'] = '14px';
  }
  menu() {
    const c = this.contact;
    this.pop('menu',
      c.follower ? this.item(t('unfollow'), () => post(at(this, '/unfollow')), 'phone-unfollow') : this.item(t('follow'), () => post(at(this, '/follow'))),
      this.item(c.blocked ? t('unblock') : t('block'), () => post(at(this, '/block'), { blocked: !c.blocked }), 'phone-block'),
      this.item(t('chat_now'), () => post(at(this, '/chatnow')), 'phone-chatnow'),
      this.item(t('info'), () => this.info(), 'phone-info'),
      this.item(t('screen_off'), () => this.power(false)));
  }
  /** The form behind a request for contact details. */
  info() {
    const drawn = `849${String(Math.floor(10000000 + Math.random() * 89999999))}`;
    const start = { name: this.contact.name, phone: drawn, address: '12 Lê Lợi', ward: 'Bến Nghé', city: 'Hồ Chí Minh' };
    const fields = Object.entries(start).map(([key, value]) => h('label', {}, h('span', {}, t(`info_${key}`)), h('input', { name: key, value, required: key === 'phone', inputmode: key === 'phone' ? 'tel' : null, 'data-testid': `info-${key}` })));
    const submit = (e) => {
      e.preventDefault();
      const given = Object.fromEntries(new FormData(e.target));
      attempt(async () => { await post(at(this, '/info'), given); this.close(); toast(t('info_sent')); });
    };
    const p = this.pop('info', h('form', { onsubmit: submit, 'data-testid': 'info-form' }, h('b', {}, t('info')), ...fields, h('button', { class: 'send', 'data-testid': 'info-send' }, t('send'))));
    p.querySelector('input')?.focus();
  }
  power(on) {
    this.on = on;
    this.screen.querySelector('.off')?.remove();
    if (on) this.see();
    else this.screen.append(h('button', { class: 'off', 'data-testid': 'phone-wake', onclick: () => this.power(true) }, h('span', {}, h('b', {}, hm(now())), t('screen_is_off'))));
  }
  say(body) { return post(at(this, '/messages'), this.quoting ? { ...body, quoted_id: this.quoting.id } : body).then((m) => { this.quoting = null; this.drawComposer(); this.got(m); }); }
  drawComposer() {
    const draft = this.input?.value || '';
    if (this.contact?.blocked) {
      this.foot.replaceChildren(h('div', { class: 'stop' }, t('blocked'), ' ', h('button', { class: 'plain', onclick: () => attempt(() => post(at(this, '/block'), { blocked: false })) }, t('unblock'))));
      return;
    }
    this.input = h('textarea', { rows: 1, placeholder: t('write'), 'aria-label': t('write'), 'data-testid': 'phone-input', value: draft });
    const grow = () => { this.input.style.height = 'auto'; this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 110)}px`; };
    const submit = (e) => {
      e.preventDefault();
      const text = this.input.value.trim();
      if (!text) return;
      this.input.value = '';
      attempt(() => this.say({ text })).then((x) => { if (x === undefined && !this.messages.size) this.input.value = text; this.input.focus(); });
    };
    this.input.addEventListener('input', grow);
    // Composition keys of Telex and VNI must not send.
    this.input.addEventListener('keydown', (e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) submit(e); });
    const file = h('input', { type: 'file', hidden: true, 'data-testid': 'phone-file', onchange: (e) => attempt(() => this.upload(e.target.files[0])) });
    const parts = [];
    if (this.quoting) parts.push(h('div', { class: 'replying' }, h('span', {}, `${t('replying')} ${preview(this.quoting)}`), h('button', { class: 'icon', 'aria-label': 'x', onclick: () => { this.quoting = null; this.drawComposer(); } }, svg(GLYPH.x))));
    parts.push(h('form', { onsubmit: submit }, file,
      h('button', { type: 'button', class: 'icon opens', 'aria-label': t('more'), 'data-testid': 'phone-more', onclick: () => this.extras(file) }, svg(GLYPH.plus)),
      this.input,
      h('button', { type: 'button', class: 'icon opens', 'aria-label': t('sticker'), 'data-testid': 'phone-stickers', onclick: () => this.stickers() }, svg(GLYPH.smile)),
      h('button', { class: 'send', 'aria-label': t('send'), 'data-testid': 'phone-send' }, svg(GLYPH.send))));
    this.foot.replaceChildren(...parts);
  }
  stickers() {
    this.pop('stickers', stickers.map((s) => h('button', { 'aria-label': s.caption, 'data-testid': 'sticker', onclick: () => { this.close(); attempt(() => this.say({ kind: 'sticker', sticker_id: s.id })); } }, h('img', { src: s.url, alt: s.caption }))));
  }
  extras(file) {
    this.pop('more',
      this.item(t('image_file'), () => file.click(), 'more-file'),
      this.item(t('photo'), () => this.say({ kind: 'image', photo: Math.floor(Math.random() * 10000) }), 'more-photo'),
      this.item(t('location'), () => this.say({ kind: 'location', latitude: 10.7769, longitude: 106.7009 }), 'more-location'),
      this.item(t('card'), () => this.say({ kind: 'business_card', phone: '84900000000', caption: this.contact.name }), 'more-card'),
      this.item(t('link'), () => { const url = window.prompt('URL', 'https://shop.example/san-pham'); return url ? this.say({ kind: 'link', url }) : null; }, 'more-link'));
  }
  async upload(picked) {
    if (!picked) return;
    const form = new FormData();
    form.append('file', picked);
    const m = await call('POST', '/media', form);
    const [major, minor] = m.media_type.split('/');
    const kind = m.media_type === 'image/gif' ? 'gif' : major === 'image' ? 'image' : major === 'audio' ? 'audio' : major === 'video' ? 'video' : 'file';
    await this.say({ kind, media_id: m.media_id, thumbnail: kind === 'image' && minor ? m.url : undefined });
  }
}

const KEY = 'sandbox-phones';
const save = () => localStorage.setItem(KEY, JSON.stringify(phones.map((p) => [p.oa, p.user])));
function remove(p) { phones = phones.filter((x) => x !== p); p.root.remove(); save(); nothing(); }
function nothing() { table.querySelector('.nothing')?.remove(); if (!phones.length) table.append(h('p', { class: 'nothing' }, t(oas.length ? 'no_phone' : 'no_oa'))); }
async function add(oa, user) {
  const phone = new Phone(oa, user);
  await phone.load();
  const same = phones.find((p) => p.oa === phone.oa && p.user === phone.user);
  if (same) { same.root.scrollIntoView({ inline: 'center' }); same.input?.focus(); return; }
  phones.push(phone);
  table.append(phone.root);
  requestAnimationFrame(() => { phone.thread.scrollTop = phone.thread.scrollHeight; });
  save();
  nothing();
}

async function drawAdder() {
  const oaBox = h('select', { 'aria-label': 'OA', 'data-testid': 'choose-oa' }, oas.map((o) => h('option', { value: o.id }, o.name)));
  const userBox = h('select', { 'aria-label': t('choose_user'), 'data-testid': 'choose-user' });
  const fill = async () => {
    const all = await get('/users?limit=300');
    const own = oaBox.value ? await get(`/users?limit=300&oa_id=${encodeURIComponent(oaBox.value)}`) : { items: [] };
    const known = new Set(own.items.map((u) => u.id));
    userBox.replaceChildren(...[...own.items, ...all.items.filter((u) => !known.has(u.id))].map((u) => h('option', { value: u.id }, u.name)), h('option', { value: '' }, t('new_user')));
  };
  oaBox.onchange = () => attempt(fill);
  await fill();
  adder.replaceChildren(oaBox, userBox, h('button', { 'data-testid': 'add-phone', disabled: !oas.length, onclick: () => attempt(async () => {
    let user = userBox.value;
    if (!user) {
      const name = window.prompt(t('name_of_new'), lang === 'en' ? 'An Nguyen' : 'Nguyễn An');
      if (!name) return;
      user = (await post('/users', { name })).id;
      await fill();
    }
    await add(oaBox.value, user);
  }) }, t('add_phone')));
}

async function start() {
  await readClock();
  [oas, stickers] = await Promise.all([get('/oas'), get('/stickers')]);
  table.replaceChildren();
  phones = [];
  await drawAdder();
  const asked = new URLSearchParams(location.search);
  let wanted = [];
  if (asked.get('oa') && asked.get('user')) wanted = [[asked.get('oa'), asked.get('user')]];
  else {
    try { wanted = JSON.parse(localStorage.getItem(KEY) || '[]'); } catch { /* a damaged note is no note */ }
    if (!wanted.length && oas.length) {
      const first = (await get(`/users?limit=1&oa_id=${encodeURIComponent(oas[0].id)}`)).items[0] || (await get('/users?limit=1')).items[0];
      if (first) wanted = [[oas[0].id, first.id]];
    }
  }
  for (const [oa, user] of wanted) { try { await add(oa, user); } catch { /* the person or OA is gone */ } }
  nothing();
}

listen((e) => {
  const mine = (d) => phones.filter((p) => p.oa === d.oa_id && p.user === d.user_id);
  if (e.type === 'message') mine(e.data).forEach((p) => p.got(e.data));
  else if (e.type === 'contact') mine(e.data).forEach((p) => { const drawn = p.contact.follower === e.data.follower && p.contact.blocked === e.data.blocked; Object.assign(p.contact, e.data); if (!drawn) p.draw(); });
  else if (e.type === 'clock') readClock().then(() => { tick(); phones.forEach((p) => p.drawThread(false)); });
  else if (e.type === 'oa' && !oas.some((o) => o.id === e.data)) get('/oas').then((list) => { oas = list; drawAdder(); nothing(); });
}, () => attempt(start));
document.addEventListener('visibilitychange', () => phones.forEach((p) => p.see()));
await attempt(start);
