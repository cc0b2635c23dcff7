// How one message looks on the phone.
import { h, t } from '/_pages/common.js';

export const ICONS = { '/-strong': '👍', '/-heart': '❤️', ':>': '😄', ':o': '😮', ':-((': '😢', ':-h': '😠', '--b': '🤣' };

const size = (n) => (n ? (n > 1048576 ? `${(n / 1048576).toFixed(1)} MB` : `${Math.ceil(n / 1024)} KB`) : '');

export function preview(m) {
  if (!m) return '';
  const names = { image: '🖼', gif: 'GIF', file: `📄 ${m.attachments?.[0]?.name || ''}`, sticker: t('sticker'), location: `📍 ${t('location')}`, business_card: `👤 ${t('card')}`, audio: `🎤 ${t('voice')}`, video: `🎬 ${t('video')}` };
  return m.text || names[m.kind] || m.entries?.[0]?.title || m.kind;
}

/** Content of a bubble. `tap(action)` is called for buttons and entries, `info()` for a question for contact details. */
export function content(m, { tap, info }) {
  const a = (m.attachments || [])[0] || {};
  const caption = m.text ? h('div', { class: 'cap' }, m.text) : null;
  switch (m.kind) {
    case 'image':
    case 'gif':
      return [h('img', { class: 'photo', src: a.thumbnail || a.url, alt: t('photo'), loading: 'lazy' }), caption];
    case 'sticker':
      return [h('img', { class: 'sticker', src: a.url, alt: t('sticker') })];
    case 'file':
      return [h('a', { class: 'filebox', href: a.url, target: '_blank', rel: 'noopener' }, h('span', { class: 'ext' }, a.extension || '?'), h('span', {}, a.name || t('file'), h('small', {}, size(a.size)))), caption];
    case 'location':
      return [h('div', { class: 'place' }, h('span', { class: 'pin' }, '📍'), h('span', {}, t('location'), h('small', {}, `${(a.latitude ?? 0).toFixed(4)}, ${(a.longitude ?? 0).toFixed(4)}`))), caption];
    case 'business_card':
      return [h('div', { class: 'cardbox' }, h('span', { class: 'face' }, '👤'), h('span', {}, a.caption || t('card'), h('small', {}, a.phone || ''))), caption];
    case 'audio':
      return [h('audio', { controls: true, src: a.url, style: 'max-width:220px' }), caption];
    case 'video':
      return [h('video', { controls: true, src: a.url, poster: a.thumbnail, style: 'max-width:230px;border-radius:12px' }), caption];
    case 'link':
      return [h('a', { href: a.url, target: '_blank', rel: 'noopener' }, m.text || a.url), a.description ? h('div', { class: 'quiet' }, a.description) : null];
    case 'list':
    case 'request_info':
      return [caption,
        ...(m.entries || []).map((e) => h('div', { class: m.kind === 'request_info' ? 'entry opens' : 'entry', 'data-testid': 'entry', onclick: () => (m.kind === 'request_info' ? info() : e.action && tap(e.action)) }, e.image_url ? h('img', { src: e.image_url, alt: '' }) : null, h('span', {}, e.title, h('small', {}, e.subtitle)))),
        m.kind === 'request_info' ? h('div', { class: 'buttons' }, h('button', { class: 'opens', 'data-testid': 'give-info', onclick: info }, t('info'))) : null,
        buttons(m, tap)];
    default:
      return [m.text || '', buttons(m, tap)];
  }
}

function buttons(m, tap) {
  if (!m.buttons || !m.buttons.length) return null;
  return h('div', { class: 'buttons' }, m.buttons.map((b) => h('button', { 'data-testid': 'message-button', onclick: () => tap(b) }, b.title)));
}

export function reactions(m) {
  if (!m.reactions || !m.reactions.length) return null;
  const icons = [...new Set(m.reactions.map((r) => ICONS[r.icon] || r.icon))].join('');
  return h('span', { class: 'reacts' }, icons, m.reactions.length > 1 ? ` ${m.reactions.length}` : '');
}
