// What both pages need: words, DOM, calls, live events.

const WORDS = {
  phones: ['Điện thoại', 'Phones'], control: ['Bảng điều khiển', 'Control'], add_phone: ['Thêm điện thoại', 'Add a phone'],
  choose_user: ['Khách hàng', 'Customer'], new_user: ['Khách mới…', 'New customer…'], name_of_new: ['Tên khách mới', 'Name of the new customer'],
  follow: ['Quan tâm', 'Follow'], following: ['Đang quan tâm', 'Following'], unfollow: ['Bỏ quan tâm', 'Unfollow'],
  block: ['Chặn OA', 'Block the OA'], unblock: ['Bỏ chặn OA', 'Unblock the OA'], blocked: ['Bạn đã chặn OA này', 'You blocked this OA'],
  chat_now: ['Bấm “Nhắn tin” trên trang OA', 'Tap “Message” on the OA page'], close_phone: ['Bỏ điện thoại này', 'Remove this phone'],
  write: ['Nhập tin nhắn', 'Write a message'], send: ['Gửi', 'Send'], image_file: ['Ảnh hoặc tệp', 'Picture or file'], photo: ['Ảnh sản phẩm mẫu', 'Sample product photo'],
  sticker: ['Sticker', 'Sticker'], location: ['Vị trí', 'Location'], card: ['Danh thiếp', 'Business card'], link: ['Liên kết', 'Link'],
  voice: ['Tin thoại', 'Voice message'], video: ['Video', 'Video'], info: ['Gửi thông tin liên hệ', 'Submit contact details'], info_sent: ['Đã gửi thông tin', 'Details sent'],
  info_name: ['Họ tên', 'Name'], info_phone: ['Số điện thoại', 'Phone'], info_address: ['Địa chỉ', 'Address'], info_ward: ['Phường, xã', 'Ward'], info_city: ['Tỉnh, thành phố', 'City'],
  more: ['Thêm', 'More'], today: ['Hôm nay', 'Today'], yesterday: ['Hôm qua', 'Yesterday'], seen: ['Đã xem', 'Seen'],
  empty_thread: ['Chưa có tin nhắn. Hãy chào shop một câu.', 'No messages yet. Say hello to the shop.'],
  no_oa: ['Chưa có Official Account nào. Tạo một OA ở bảng điều khiển.', 'There is no Official Account yet. Make one on the control page.'],
  no_phone: ['Chưa có điện thoại nào trên bàn. Chọn khách hàng và OA để thêm.', 'No phone on the table. Choose a customer and an OA.'],
  reply: ['Trả lời', 'Reply'], react: ['Bày tỏ cảm xúc', 'React'], remove_reaction: ['Bỏ cảm xúc', 'Withdraw'], replying: ['Trả lời:', 'Replying to:'],
  screen_off: ['Tắt màn hình', 'Screen off'], screen_on: ['Bật màn hình', 'Screen on'], screen_is_off: ['Màn hình tắt – tin đến chưa được xem', 'Screen off – what arrives stays unseen'],
  older: ['Xem tin cũ hơn', 'Show older'], file: ['Tệp', 'File'], from_tool: ['gửi từ công cụ của Zalo', 'sent in Zalo’s own tool'], file_too_big: ['Tệp quá lớn', 'The file is too large'],
  clock: ['Đồng hồ', 'Clock'], frozen: ['đứng yên', 'frozen'], running: ['đang chạy', 'running'], freeze: ['Dừng', 'Freeze'], run: ['Chạy', 'Run'], reset_clock: ['Về giờ máy', 'Machine time'], set_to: ['Đặt giờ', 'Set'],
  accounts: ['Official Account', 'Official Accounts'], new_oa: ['Tạo OA', 'New OA'], package: ['Gói', 'Package'], used: ['Đã dùng', 'Used'], total: ['Tổng', 'Total'], period_end: ['Hết kỳ', 'Period ends'], edition: ['Bộ quy tắc', 'Rules'],
  zca: ['Zalo Cloud Account', 'Zalo Cloud Account'], zca_linked: ['đã liên kết', 'linked'], zca_none: ['chưa liên kết', 'not linked'], balance: ['Số dư (đ)', 'Balance (đ)'], save: ['Lưu', 'Save'], linked: ['Liên kết', 'Linked'],
  followers: ['người quan tâm', 'followers'], contacts: ['liên hệ', 'contacts'],
  faults: ['Gây lỗi', 'Faults'], fault_on: ['Bật', 'Switch on'], all_off: ['Tắt hết', 'All off'], no_faults: ['Không có lỗi nào đang bật.', 'No fault is on.'], how_often: ['Tần suất', 'How often'], next_n: ['n lần tới', 'next n'], chance: ['xác suất', 'probability'],
  only_path: ['Chỉ đường dẫn / sự kiện bắt đầu bằng', 'Only path / event beginning with'], every_oa: ['Mọi OA', 'Every OA'], hits: ['lần trúng', 'hits'],
  log: ['Nhật ký', 'Log'], requests: ['Lời gọi API', 'API calls'], webhooks: ['Webhook', 'Webhooks'], filter: ['Lọc…', 'Filter…'], nothing_yet: ['Chưa có gì.', 'Nothing yet.'], redeliver: ['Gửi lại', 'Redeliver'], hurry: ['Gửi lại ngay các webhook đang chờ', 'Redeliver what waits, now'],
  tool: ['Công cụ của Zalo', 'Zalo’s own tool'], tool_hint: ['Gửi như nhân viên gõ trong công cụ của Zalo: hạn mức giảm mà ứng dụng không hay biết.', 'Send as if typed in Zalo’s own tool: quota moves without the app knowing.'],
  people: ['Người dùng của OA', 'People of an OA'], people_hint: ['Xem và sửa như trong trang quản trị của Zalo; ứng dụng nhận webhook update_user_info.', 'See and change as in Zalo’s own console; the app gets update_user_info.'], follows: ['đang quan tâm', 'follows'], follows_not: ['chưa quan tâm', 'does not follow'], remove_follow: ['OA xóa quan tâm', 'OA removes the follower'], crowd: ['Tạo nhiều người cùng lúc', 'Make many people'], how_many: ['Bao nhiêu người', 'How many people'],
  apps: ['Ứng dụng và token', 'Apps and tokens'], webhook_on: ['webhook bật', 'webhook on'], webhook_off: ['webhook tắt', 'webhook off'], switch_on: ['Bật lại', 'Switch on'], expire: ['Cho hết hạn', 'Expire'], expire_all: ['Hết hạn cả refresh', 'Expire refresh too'], revoke: ['Thu hồi quyền', 'Revoke'], dead: ['đã chết', 'dead'], alive: ['còn hạn đến', 'alive until'], no_tokens: ['Chưa cấp token nào.', 'No token was given yet.'],
  switches: ['Công tắc (chỗ tài liệu của nền tảng không rõ)', 'Switches (where the platform is unclear)'], reset_all: ['Xóa sạch dữ liệu', 'Erase everything'], sure: ['Xóa toàn bộ OA, khách và tin nhắn?', 'Erase all OAs, people and messages?'],
  failed: ['Không thực hiện được', 'That did not work'], sent: ['Đã gửi', 'Sent'], saved: ['Đã lưu', 'Saved'], none: ['không có', 'none'], choose: ['Chọn…', 'Choose…'],
};
export const lang = localStorage.getItem('sandbox-lang') === 'en' ? 'en' : 'vi';
document.documentElement.lang = lang;
export const t = (key) => (WORDS[key] || [key, key])[lang === 'en' ? 1 : 0];

/** A DOM element: h('div', {class: 'x', onclick}, 'text', child). Text is never read as HTML. */
export function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props || {})) {
    if (v === null || v === undefined || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else if (k === 'value' || k === 'checked' || k === 'disabled' || k === 'selected') e[k] = v;
    else e.setAttribute(k, v === true ? '' : v);
  }
  e.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

const API = '/_sandbox/api';
export async function call(method, path, body) {
  const form = body instanceof FormData;
  const answer = await fetch(API + path, { method, headers: body && !form ? { 'content-type': 'application/json' } : {}, body: body === undefined ? undefined : form ? body : JSON.stringify(body) });
  if (answer.status === 204) return null;
  const text = await answer.text();
  const data = text ? JSON.parse(text) : null;
  if (!answer.ok) {
    const p = data && data.params ? data.params : {};
    throw new Error(p.platform_message ? `${p.platform_code} ${p.platform_message}` : [data && data.code, p.field, p.reason, p.at].filter(Boolean).join(' · '));
  }
  return data;
}
export const get = (path) => call('GET', path);
export const post = (path, body = {}) => call('POST', path, body);

export function toast(text) {
  document.querySelector('.toast')?.remove();
  const e = h('div', { class: 'toast', role: 'status' }, text);
  document.body.append(e);
  setTimeout(() => e.remove(), 3500);
}
/** Runs an action and shows what went wrong. */
export async function attempt(action) {
  try { return await action(); } catch (e) { toast(`${t('failed')}: ${e.message}`); return undefined; }
}

/** Live events; `again` is called after a gap, when everything has to be read again. */
export function listen(on, again) {
  const source = new EventSource(API + '/stream');
  let opened = false;
  source.onopen = () => { if (opened) again(); opened = true; };
  source.onmessage = (m) => {
    const e = JSON.parse(m.data);
    if (e.type === 'lagged' || e.type === 'reset') again(); else on(e);
  };
  return source;
}

// The sandbox's clock, shown ticking.
let skew = 0, standing = null;
export const now = () => standing ?? Date.now() + skew;
export async function readClock() {
  const c = await get('/clock');
  standing = c.mode === 'frozen' ? c.now : null;
  skew = c.now - Date.now();
  return c;
}
const locale = lang === 'en' ? 'en-GB' : 'vi-VN';
const zone = 'Asia/Ho_Chi_Minh';
export const hm = (ms) => new Date(ms).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', timeZone: zone });
export const hms = (ms) => new Date(ms).toLocaleTimeString(locale, { timeZone: zone, hour12: false });
export const dmy = (ms) => new Date(ms).toLocaleDateString(locale, { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: zone });
export function dayName(ms) {
  const day = dmy(ms);
  if (day === dmy(now())) return t('today');
  if (day === dmy(now() - 86400000)) return t('yesterday');
  return day;
}

/** The bar on top. */
export function topBar(page) {
  const clock = h('span', { class: 'clock', 'data-testid': 'clock' });
  const tick = () => { clock.textContent = `${hms(now())} · ${dmy(now())}${standing !== null ? ` · ${t('frozen')}` : ''}`; };
  setInterval(tick, 1000);
  readClock().then(tick);
  const link = (name, href) => h('a', { href, 'aria-current': page === name ? 'page' : null }, t(name));
  const other = lang === 'en' ? 'vi' : 'en';
  return [h('header', { class: 'top' },
    h('a', { class: 'brand', href: '/' }, h('img', { src: '/_pages/icon.svg', alt: '' }), 'zalo-sandbox'),
    h('nav', {}, link('phones', '/'), link('control', '/control')),
    h('div', { class: 'right' }, clock,
      h('button', { class: 'plain', 'data-testid': 'lang', onclick: () => { localStorage.setItem('sandbox-lang', other); location.reload(); } }, other === 'en' ? 'English' : 'Tiếng Việt'))), tick];
}
